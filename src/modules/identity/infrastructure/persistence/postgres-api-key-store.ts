import { Injectable } from '@nestjs/common';
import { tenantIdOf, type TenantId } from '../../../../kernel/ids';
import type { Tx } from '../../../../kernel/tx';
import { sql } from '../../../../platform/database';
import { ApiKeyStore, type NewApiKey } from '../../application/ports';
import type { ApiKey } from '../../domain/api-key';
import { findKey, findUsableKey, insertKey, locateKey, revokeKey, type ApiKeyRow } from './api-keys.sql';

@Injectable()
export class PostgresApiKeyStore extends ApiKeyStore {
  async add(tx: Tx, tenant: TenantId, key: NewApiKey): Promise<void> {
    await sql(tx).count(insertKey(tenant, key));
  }

  async find(tx: Tx, tenant: TenantId, id: string): Promise<ApiKey | null> {
    return keyFrom(await sql(tx).maybe(findKey(tenant, id)));
  }

  async findUsable(tx: Tx, tenant: TenantId, id: string): Promise<ApiKey | null> {
    return keyFrom(await sql(tx).maybe(findUsableKey(tenant, id)));
  }

  async revoke(tx: Tx, tenant: TenantId, id: string): Promise<boolean> {
    return (await sql(tx).count(revokeKey(tenant, id))) === 1;
  }

  async locate(tx: Tx, secretHash: Buffer): Promise<{ tenantId: TenantId; id: string } | null> {
    const place = await sql(tx).maybe(locateKey(secretHash));
    return place && { tenantId: tenantIdOf(place.tenant_id), id: place.id };
  }
}

function keyFrom(row: ApiKeyRow | null): ApiKey | null {
  return (
    row && {
      tenantId: tenantIdOf(row.tenant_id),
      id: row.id,
      name: row.name,
      prefix: row.prefix,
      scopes: row.scopes,
      expiresAt: row.expires_at,
      revokedAt: row.revoked_at,
      createdAt: row.created_at,
    }
  );
}
