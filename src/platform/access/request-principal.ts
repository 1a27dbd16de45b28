import type { FastifyRequest } from 'fastify';
import type { AuthenticatedUser, Principal } from '../../kernel/principal';

declare module 'fastify' {
  interface FastifyRequest {
    principal: Principal | null;
    user: AuthenticatedUser | null;
    /** Authenticates the caller once more, and checks the route's scopes again. Set by AccessHook. */
    reauthenticate: (() => Promise<Principal>) | null;
    /** The same on a route that is `@WithoutTenant`. */
    reauthenticateUser: (() => Promise<AuthenticatedUser>) | null;
  }
}

/** @throws Error on a public route: a handler that needs a principal must not be public. */
export function principalOf(request: FastifyRequest): Principal {
  if (!request.principal) throw new Error('this route is public: it has no principal');
  return request.principal;
}

/** @throws Error on a route that is not `@WithoutTenant`. */
export function userOf(request: FastifyRequest): AuthenticatedUser {
  if (!request.user) throw new Error('this route is not for a person: it has a tenant, or is public');
  return request.user;
}
