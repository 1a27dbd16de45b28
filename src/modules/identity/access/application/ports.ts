import type { TenantId } from '../../../../kernel/ids';
import type { Tx } from '../../../../kernel/tx';
import type { ApiKey, Maker, UsableKey } from '../domain/api-key';

export interface NewApiKey {
  readonly id: string;
  readonly name: string;
  readonly prefix: string;
  readonly secretHash: Buffer;
  readonly scopes: readonly string[];
  readonly behind: readonly string[];
  readonly createdBy: Maker;
  readonly rateLimitPerMinute: number | null;
  readonly expiresAt: Date | null;
}

export interface NewSecret {
  readonly prefix: string;
  readonly secretHash: Buffer;
  /** Seconds for which the secret before works on; 0 ends it now. */
  readonly overlapS: number;
  readonly behind: readonly string[];
}

/** What whoever ends access must know of a key. */
export type KeyBehind = Pick<ApiKey, 'tenantId' | 'id' | 'name' | 'prefix' | 'scopes'>;

export interface Usage {
  readonly id: string;
  readonly count: number;
  readonly lastMsAgo: number;
}

export abstract class ApiKeyStore {
  abstract add(tx: Tx, tenant: TenantId, key: NewApiKey): Promise<void>;
  /** Fewer than `max` are neither revoked nor expired. */
  abstract roomFor(tx: Tx, tenant: TenantId, max: number): Promise<boolean>;
  abstract find(tx: Tx, tenant: TenantId, id: string): Promise<ApiKey | null>;
  /** As `find`; nobody else changes the key until the end of the transaction. */
  abstract lock(tx: Tx, tenant: TenantId, id: string): Promise<ApiKey | null>;
  /** As `lock`, of the key and those that it stands behind. */
  abstract lockWithBehind(tx: Tx, tenant: TenantId, id: string): Promise<ApiKey | null>;
  /** The key if it may be used now with this secret, by the clock of the database. */
  abstract findUsable(tx: Tx, tenant: TenantId, id: string, secretHash: Buffer): Promise<UsableKey | null>;
  /** As the system: what a key may, if it may be used now. */
  abstract scopesOfUsable(tx: Tx, tenant: TenantId, id: string): Promise<readonly string[] | null>;
  /** The secret before the one that is replaced ends now, if its overlap has not ended yet. */
  abstract replaceSecret(tx: Tx, tenant: TenantId, id: string, secret: NewSecret): Promise<void>;
  abstract revoke(tx: Tx, tenant: TenantId, ids: readonly string[]): Promise<void>;
  /** Keys that live, neither revoked nor expired, and that somebody stands behind, locked. */
  abstract lockBehind(tx: Tx, tenant: TenantId, who: string): Promise<ApiKey[]>;
  /** As the system: tenants with such keys. */
  abstract tenantsBehind(tx: Tx, who: string): Promise<TenantId[]>;
  /** As the system: as `lockBehind`, in every tenant. */
  abstract lockBehindEverywhere(tx: Tx, who: string): Promise<KeyBehind[]>;
  /** As the system, of those that somebody stands behind. */
  abstract revokeBehind(tx: Tx, who: string, ids: readonly string[]): Promise<void>;
  abstract addUsage(tx: Tx, tenant: TenantId, usage: readonly Usage[]): Promise<void>;
  /** Across tenants, hence as the system: answers where a hash belongs and nothing about it. */
  abstract locate(tx: Tx, secretHash: Buffer): Promise<{ tenantId: TenantId; id: string } | null>;
}
