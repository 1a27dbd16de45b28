import type { FastifyRequest } from 'fastify';

export type SecurityEvent =
  | 'login_failed'
  | 'login_throttled'
  | 'token_refused'
  | 'refresh_reused'
  | 'csrf_failed'
  | 'session_forged'
  | 'key_refused'
  | 'tenant_refused';

/** One line for those who watch over the installation; never what was sent. */
export function securityEvent(
  request: FastifyRequest,
  event: SecurityEvent,
  fields: { userId?: string } = {},
): void {
  request.server.httpLog.warn(`security.${event}`, {
    requestId: request.id,
    route: request.routeOptions.url ?? 'unknown',
    remoteHost: request.ip,
    ...fields,
  });
}
