import type { FastifyRequest } from 'fastify';
import type { TenantId } from '../../../kernel/ids';

/** Who calls, and for which tenant: the tenant always comes from the credentials, never from the request's content. */
export interface Principal {
  readonly tenantId: TenantId;
  readonly kind: 'api_key' | 'user';
  readonly id: string;
  readonly name: string;
  readonly scopes: readonly string[];
}

export interface Credentials {
  readonly apiKey?: string;
}

/** Provided by identity. Answers null for credentials nobody holds; throws a DomainError for a known caller who may not enter. */
export abstract class Authenticator {
  abstract authenticate(credentials: Credentials): Promise<Principal | null>;
}

declare module 'fastify' {
  interface FastifyRequest {
    principal: Principal | null;
  }
}

/** How entries, transitions and settlements name who caused them. */
export function actorOf(principal: Principal): string {
  return `${principal.kind}:${principal.id}`;
}

/** @throws Error on a public route: a handler that needs a principal must not be public. */
export function principalOf(request: FastifyRequest): Principal {
  if (!request.principal) throw new Error('this route is public: it has no principal');
  return request.principal;
}
