import type { TenantId } from './ids';

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
   * Ids that are the same person or key where a second one is required: two callers with one in common are
   * one.
   */
  readonly actorChain: readonly string[];
  /**
   * Since when the caller has access here: when the key was created, when the person was invited. Null where
   * it was not recorded.
   */
  readonly since: Date | null;
  /** A limit of this caller's own, below the installation's. */
  readonly rateLimitPerMinute?: number | null;
  /** Of the tenant, at the moment when all of this was read; see AccessEpochs. */
  readonly accessEpoch: string;
}

/** A person, independent of any tenant: the caller of a route that is `@WithoutTenant`. */
export interface AuthenticatedUser {
  readonly userId: string;
  readonly email: string;
  readonly name: string;
  readonly isPlatformAdmin: boolean;
  /** The person's scopes outside of any tenant. */
  readonly scopes: readonly string[];
  /** How the person authenticated: exactly one of the two is set. */
  readonly sessionId: string | null;
  readonly familyId: string | null;
  /** Of the installation, at the moment before all of this was read; see AccessEpochs. */
  readonly accessEpoch: string;
}

/** The name under which entries, transitions and settlements record the caller. */
export function actorOf(principal: Principal): string {
  return `${principal.kind}:${principal.id}`;
}
