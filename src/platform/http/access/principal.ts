import type { FastifyRequest } from 'fastify';
import type { TenantId } from '../../../kernel/ids';

/**
 * Who calls, and for which tenant: that of the key, or one that the person belongs to; never one the content
 * names.
 */
export interface Principal {
  readonly tenantId: TenantId;
  readonly kind: 'api_key' | 'user';
  readonly id: string;
  readonly name: string;
  readonly scopes: readonly string[];
  /**
   * Ids that are the same person or key where a second one is asked for: two callers with one in common are
   * one.
   */
  readonly actorChain: readonly string[];
  /**
   * Since when they are let in here: when the key was made, when the person was invited. Null where nobody
   * wrote it down.
   */
  readonly since: Date | null;
  /** A limit of this caller's own, below the installation's. */
  readonly rateLimitPerMinute?: number | null;
  /** Of the tenant, at the moment when all of this was read; see AccessEpochs. */
  readonly accessEpoch: string;
}

/** A person, whatever the tenant: who calls a route that is `@WithoutTenant`. */
export interface AuthenticatedUser {
  readonly userId: string;
  readonly email: string;
  readonly name: string;
  readonly isPlatformAdmin: boolean;
  /** What the person may do outside of any tenant. */
  readonly scopes: readonly string[];
  /** How the person came in: one of the two is there. */
  readonly sessionId: string | null;
  readonly familyId: string | null;
  /** Of the installation, at the moment before all of this was read; see AccessEpochs. */
  readonly accessEpoch: string;
}

/** One of the three ways in, and which tenant a person asks for. */
export interface Credentials {
  readonly apiKey?: string;
  readonly accessToken?: string;
  readonly session?: string;
  /** As the header X-Tenant-ID says it: no more than a text yet. */
  readonly tenantId?: string;
  readonly host?: string;
}

/**
 * Provided by identity. Answers null for credentials nobody holds; throws a DomainError for a known caller
 * who may not enter.
 */
export abstract class Authenticator {
  abstract authenticate(credentials: Credentials): Promise<Principal | null>;
  /**
   * Whose key this is, if somebody asked a moment ago and the answer still stands. Nobody is asked, and no
   * use is counted.
   */
  abstract known(apiKey: string): Principal | null;
  /** Somebody who was `known` was let in. */
  abstract used(principal: Principal): void;
  /** What was known of this caller is out of date: whoever asks next is looked up again. */
  abstract forget(principal: Principal): Promise<void>;
  /** Null for an API key too: a key is no person. */
  abstract authenticateUser(credentials: Credentials): Promise<AuthenticatedUser | null>;
}

declare module 'fastify' {
  interface FastifyRequest {
    principal: Principal | null;
    user: AuthenticatedUser | null;
    /** Authenticates the caller once more, and asks for the route's scopes again. Set by the guard. */
    reauthenticate: (() => Promise<Principal>) | null;
    /** The same on a route that is `@WithoutTenant`. */
    reauthenticateUser: (() => Promise<AuthenticatedUser>) | null;
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

/** @throws Error on a route that is not `@WithoutTenant`. */
export function userOf(request: FastifyRequest): AuthenticatedUser {
  if (!request.user) throw new Error('this route is not for a person: it has a tenant, or is public');
  return request.user;
}
