import type { FastifyRequest } from 'fastify';
import { HttpProblem } from '../http';
import type { Credentials } from './ports';
import type { SessionCookie } from './session-cookie';

const BEARER = /^bearer +(\S+)$/i;

/** API key, access token or session. @throws HttpProblem for a request with more than one of them */
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
  const target = { host: request.host, ...(typeof tenantId === 'string' ? { tenantId } : {}) };
  if (typeof apiKey === 'string') return { apiKey, ...target };
  if (authorization !== undefined) return { accessToken: BEARER.exec(authorization)?.[1] ?? '', ...target };
  return session === undefined ? target : { session, ...target };
}
