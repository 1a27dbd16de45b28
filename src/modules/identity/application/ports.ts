import type { TenantId } from '../../../kernel/ids';
import type { Tx } from '../../../kernel/tx';
import type { ApiKey } from '../domain/api-key';

export interface NewApiKey {
  readonly id: string;
  readonly name: string;
  readonly prefix: string;
  readonly secretHash: Buffer;
  readonly scopes: readonly string[];
  readonly expiresAt: Date | null;
}

export abstract class ApiKeyStore {
  abstract add(tx: Tx, tenant: TenantId, key: NewApiKey): Promise<void>;
  abstract find(tx: Tx, tenant: TenantId, id: string): Promise<ApiKey | null>;
  /** The key if it may be used now, by the clock of the database. */
  abstract findUsable(tx: Tx, tenant: TenantId, id: string): Promise<ApiKey | null>;
  abstract revoke(tx: Tx, tenant: TenantId, id: string): Promise<boolean>;
  /** Across tenants, hence as the system: answers where a hash belongs and nothing about it. */
  abstract locate(tx: Tx, secretHash: Buffer): Promise<{ tenantId: TenantId; id: string } | null>;
}
