import type { TenantId } from '../../../../kernel/ids';

export const NAME_MAX = 100;
export const OVERLAP_MAX_S = 7 * 86_400;
/**
 * Of a tenant, neither revoked nor expired: what ends there with somebody in one transaction is never more.
 */
export const LIVING_MAX = 1_000;

/** Who made a key: a person or a key of the tenant, or the installation by its command line. */
export interface Maker {
  readonly kind: 'api_key' | 'user' | 'system';
  readonly id: string | null;
  readonly name: string;
}

/** A key as it is kept. */
export interface ApiKey {
  readonly tenantId: TenantId;
  readonly id: string;
  readonly name: string;
  readonly prefix: string;
  readonly scopes: readonly string[];
  /** Everybody who has held its secret or made one who has, beside the key itself: ids of people and keys. */
  readonly behind: readonly string[];
  readonly createdBy: Maker;
  readonly rateLimitPerMinute: number | null;
  readonly expiresAt: Date | null;
  readonly revokedAt: Date | null;
  readonly createdAt: Date;
  readonly rotatedAt: Date | null;
  /** Until then the secret before this one works too. */
  readonly previousUntil: Date | null;
  readonly usageCount: bigint;
  readonly lastUsedAt: Date | null;
}

/** A key that may be used now, and for how long at most as far as is known. */
export interface UsableKey extends ApiKey {
  readonly usableForMs: number | null;
}
