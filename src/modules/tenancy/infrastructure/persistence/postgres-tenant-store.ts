import { Injectable } from '@nestjs/common';
import { tenantIdOf, type TenantId } from '../../../../kernel/ids';
import { currencyOf, type Currency } from '../../../../kernel/money';
import type { Tx } from '../../../../kernel/tx';
import { sql } from '../../../../platform/database';
import { type NewTenant, TenantStore } from '../../application/ports';
import type { Tenant, TenantSettings, TenantStatus } from '../../contract';
import {
  findTenant,
  lockActive,
  insertDefaultSettings,
  insertTenant,
  locateTenant,
  lockSettings,
  readSettings,
  suspendedAmong,
  updateSettings,
  updateStatus,
  type SettingsRow,
  type TenantRow,
} from './sql/tenants.sql';

/** The defaults of the table, for a read-only transaction. A test compares the two. */
const DEFAULTS: TenantSettings = {
  allowedCurrencies: ['EUR', 'UAH', 'USD'].map(currencyOf),
  maxAttempts: 3,
  approvalAbove: new Map(),
};

@Injectable()
export class PostgresTenantStore extends TenantStore {
  async add(tx: Tx, tenant: NewTenant): Promise<Tenant | null> {
    const added = await sql(tx).maybe(insertTenant(tenant));
    return added && { ...tenant, createdAt: added.created_at };
  }

  async locate(tx: Tx, slug: string): Promise<TenantId | null> {
    const row = await sql(tx).maybe(locateTenant(slug));
    return row && tenantIdOf(row.id);
  }

  async find(tx: Tx, id: TenantId): Promise<Tenant | null> {
    const row = await sql(tx).maybe(findTenant(id));
    return row && tenantFrom(row);
  }

  async lockActive(tx: Tx, id: TenantId): Promise<boolean> {
    return (await sql(tx).maybe(lockActive(id))) !== null;
  }

  async suspendedAmong(tx: Tx, ids: readonly TenantId[]): Promise<TenantId[]> {
    return (await sql(tx).rows(suspendedAmong(ids))).map(({ id }) => tenantIdOf(id));
  }

  async changeStatus(tx: Tx, id: TenantId, status: TenantStatus): Promise<TenantStatus | null> {
    return (await sql(tx).maybe(updateStatus(id, status)))?.before ?? null;
  }

  async settings(tx: Tx, id: TenantId): Promise<TenantSettings> {
    const found = await sql(tx).one(readSettings(id));
    if (found.max_attempts !== null) return settingsFrom(found);
    if (found.read_only) return DEFAULTS;
    await sql(tx).count(insertDefaultSettings(id));
    return settingsFrom(await sql(tx).one(readSettings(id)));
  }

  async lockSettings(tx: Tx, id: TenantId): Promise<TenantSettings> {
    await sql(tx).count(insertDefaultSettings(id));
    return settingsFrom(await sql(tx).one(lockSettings(id)));
  }

  async setSettings(tx: Tx, id: TenantId, settings: TenantSettings): Promise<void> {
    await sql(tx).count(updateSettings(id, settings));
  }
}

function tenantFrom({ id, name, slug, status, created_at: createdAt }: TenantRow): Tenant {
  return { id: tenantIdOf(id), name, slug, status, createdAt };
}

function settingsFrom(row: SettingsRow): TenantSettings {
  return {
    allowedCurrencies: (row.allowed_currencies ?? []).map(currencyOf),
    maxAttempts: row.max_attempts ?? DEFAULTS.maxAttempts,
    approvalAbove: limitsFrom(row.approval_currencies ?? [], row.approval_above_minor ?? []),
  };
}

function limitsFrom(currencies: readonly string[], minors: readonly string[]): ReadonlyMap<Currency, bigint> {
  return new Map(currencies.map((currency, n) => [currencyOf(currency), BigInt(minors[n] as string)]));
}
