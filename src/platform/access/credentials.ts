import type { FastifyRequest } from 'fastify';
import { HttpProblem } from '../http';
import type { Credentials } from './ports';
import type { SessionCookie } from './session-cookie';

const BEARER = /^bearer +(\S+)$/i;

/** One of the three ways in. @throws HttpProblem where a request says two things about who calls */
export function credentialsOf(request: FastifyRequest, cookie: SessionCookie): Credentials {
  const { 'x-api-key': apiKey, authorization, 'x-tenant-id': tenantId } = request.headers;
  const session = cookie.read(request);
  if ([apiKey, authorization, session].filter((given) => given !== undefined).length > 1) {
    throw new HttpProblem(
      400,
      'ambiguous_credentials',
      'Send one of X-API-Key, Authorization and the session cookie.',
    );
  }
  const asked = { host: request.host, ...(typeof tenantId === 'string' ? { tenantId } : {}) };
  if (typeof apiKey === 'string') return { apiKey, ...asked };
  if (authorization !== undefined) return { accessToken: BEARER.exec(authorization)?.[1] ?? '', ...asked };
  return session === undefined ? asked : { session, ...asked };
}
