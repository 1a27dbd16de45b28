import { Injectable } from '@nestjs/common';
import { tenantIdOf, type TenantId } from '../../../../../kernel/ids';
import type { Tx } from '../../../../../kernel/tx';
import { sql } from '../../../../../platform/database';
import {
  ApiKeyStore,
  type DerivedKey,
  type NewApiKey,
  type NewSecret,
  type Usage,
} from '../../application/ports';
import type { ApiKey, UsableKey } from '../../domain/api-key';
import {
  addUsage,
  countUsableKeys,
  findKey,
  findUsableKey,
  insertKey,
  locateKey,
  lockKey,
  lockKeyAndDerived,
  lockDerivedKeys,
  lockDerivedKeysInAllTenants,
  replaceSecret,
  revokeKeys,
  revokeDerivedKeys,
  scopesOfUsableKey,
  tenantsOfDerivedKeys,
  type ApiKeyRow,
} from './sql/api-keys.sql';

@Injectable()
export class PostgresApiKeyStore extends ApiKeyStore {
  async add(tx: Tx, tenant: TenantId, key: NewApiKey): Promise<void> {
    await sql(tx).count(insertKey(tenant, key));
  }

  async hasRoom(tx: Tx, tenant: TenantId, max: number): Promise<boolean> {
    return (await sql(tx).one(countUsableKeys(tenant, max))).count < max;
  }

  async find(tx: Tx, tenant: TenantId, id: string): Promise<ApiKey | null> {
    const row = await sql(tx).maybe(findKey(tenant, id));
    return row && keyFrom(row);
  }

  async lock(tx: Tx, tenant: TenantId, id: string): Promise<ApiKey | null> {
    const row = await sql(tx).maybe(lockKey(tenant, id));
    return row && keyFrom(row);
  }

  async lockWithDerived(tx: Tx, tenant: TenantId, id: string): Promise<ApiKey | null> {
    const row = (await sql(tx).rows(lockKeyAndDerived(tenant, id))).find((key) => key.id === id);
    return row ? keyFrom(row) : null;
  }

  async findUsable(tx: Tx, tenant: TenantId, id: string, secretHash: Buffer): Promise<UsableKey | null> {
    const row = await sql(tx).maybe(findUsableKey(tenant, id, secretHash));
    return row && { ...keyFrom(row), usableForMs: row.usable_for_ms };
  }

  async scopesOfUsable(tx: Tx, tenant: TenantId, id: string): Promise<readonly string[] | null> {
    return (await sql(tx).maybe(scopesOfUsableKey(tenant, id)))?.scopes ?? null;
  }

  async replaceSecret(tx: Tx, tenant: TenantId, id: string, secret: NewSecret): Promise<void> {
    await sql(tx).count(replaceSecret(tenant, id, secret));
  }

  async revoke(tx: Tx, tenant: TenantId, ids: readonly string[]): Promise<void> {
    await sql(tx).count(revokeKeys(tenant, ids));
  }

  async lockDerived(tx: Tx, tenant: TenantId, actorId: string): Promise<ApiKey[]> {
    return (await sql(tx).rows(lockDerivedKeys(tenant, actorId))).map(keyFrom);
  }

  async tenantsOfDerived(tx: Tx, actorId: string): Promise<TenantId[]> {
    return (await sql(tx).rows(tenantsOfDerivedKeys(actorId))).map(({ tenant_id: id }) => tenantIdOf(id));
  }

  async lockDerivedInAllTenants(tx: Tx, actorId: string): Promise<DerivedKey[]> {
    return (await sql(tx).rows(lockDerivedKeysInAllTenants(actorId))).map(({ tenant_id: id, ...key }) => ({
      ...key,
      tenantId: tenantIdOf(id),
    }));
  }

  async revokeDerived(tx: Tx, actorId: string, ids: readonly string[]): Promise<void> {
    await sql(tx).rows(revokeDerivedKeys(actorId, ids));
  }

  async addUsage(tx: Tx, tenant: TenantId, usage: readonly Usage[]): Promise<void> {
    await sql(tx).count(addUsage(tenant, usage));
  }

  async locate(tx: Tx, secretHash: Buffer): Promise<{ tenantId: TenantId; id: string } | null> {
    const place = await sql(tx).maybe(locateKey(secretHash));
    return place && { tenantId: tenantIdOf(place.tenant_id), id: place.id };
  }
}

function keyFrom(row: ApiKeyRow): ApiKey {
  return {
    tenantId: tenantIdOf(row.tenant_id),
    id: row.id,
    name: row.name,
    prefix: row.prefix,
    scopes: row.scopes,
    actorChain: row.actor_chain,
    createdBy: { kind: row.created_by_kind, id: row.created_by_id, name: row.created_by_name },
    rateLimitPerMinute: row.rate_limit_per_minute,
    expiresAt: row.expires_at,
    revokedAt: row.revoked_at,
    createdAt: row.created_at,
    rotatedAt: row.rotated_at,
    previousUntil: row.previous_until,
    usageCount: row.usage_count,
    lastUsedAt: row.last_used_at,
  };
}
