import type { TenantId } from '../../../../kernel/ids';

export const NAME_MAX = 100;
export const OVERLAP_MAX_S = 7 * 86_400;
/**
 * Usable keys of a tenant. It bounds how many keys are revoked in one transaction when a user loses access.
 */
export const USABLE_MAX = 1_000;

/** What made a key: a user or a key of the tenant, or the installation by its command line. */
export interface Maker {
  readonly kind: 'api_key' | 'user' | 'system';
  readonly id: string | null;
  readonly name: string;
}

export interface ApiKey {
  readonly tenantId: TenantId;
  readonly id: string;
  readonly name: string;
  readonly prefix: string;
  readonly scopes: readonly string[];
  /** Ids of the users and keys, other than the key itself, that may know its secret: RFC 8693 `act`. */
  readonly actorChain: readonly string[];
  readonly createdBy: Maker;
  readonly rateLimitPerMinute: number | null;
  readonly expiresAt: Date | null;
  readonly revokedAt: Date | null;
  readonly createdAt: Date;
  readonly rotatedAt: Date | null;
  /** The previous secret works until then. */
  readonly previousUntil: Date | null;
  readonly usageCount: bigint;
  readonly lastUsedAt: Date | null;
}

/** A key that may be used now, and for how long at most; null without end. */
export interface UsableKey extends ApiKey {
  readonly usableForMs: number | null;
}
