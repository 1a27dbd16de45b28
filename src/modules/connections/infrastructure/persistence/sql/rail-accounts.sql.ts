import type { TenantId } from '../../../../../kernel/ids';
import type { Sql } from '../../../../../platform/database';
import type { PageWindow } from '../../../../../kernel/page-window';
import type { Rail } from '../../../contract';
import type { RailAccountSnapshot } from '../../../domain/rail-account';
import type { RailAccountChange } from '../../../application/ports';
import { pageById } from './page-by-id.sql';

export interface RailAccountRow {
  readonly id: string;
  readonly rail: Rail;
  readonly provider_account_id: string | null;
  readonly mode: 'test' | 'live';
  readonly status: 'active' | 'paused';
  readonly paused_reason: string | null;
  readonly paused_by: string | null;
  readonly paused_at: Date | null;
  readonly created_at: Date;
}

const COLUMNS =
  'id, rail, provider_account_id, mode, status, paused_reason, paused_by, paused_at, created_at';

export function railAccountByRail(rail: Rail): Sql<RailAccountRow> {
  return { text: `SELECT ${COLUMNS} FROM connections.rail_accounts WHERE rail = $1`, values: [rail] };
}

export function railAccountById(id: string): Sql<RailAccountRow> {
  return {
    name: 'rail_account_by_id',
    text: `SELECT ${COLUMNS} FROM connections.rail_accounts WHERE id = $1`,
    values: [id],
  };
}

/** FOR UPDATE: of two concurrent pauses one must be the repeat. */
export function lockRailAccount(id: string): Sql<RailAccountRow> {
  return { text: `SELECT ${COLUMNS} FROM connections.rail_accounts WHERE id = $1 FOR UPDATE`, values: [id] };
}

export function allRailAccounts(): Sql<RailAccountRow> {
  return { text: `SELECT ${COLUMNS} FROM connections.rail_accounts ORDER BY created_at, id`, values: [] };
}

export function pageOfRailAccounts(window: PageWindow): Sql<RailAccountRow> {
  return pageById(`SELECT ${COLUMNS} FROM connections.rail_accounts`, window);
}

/** DO NOTHING for either unique index: a conflict must not reveal a row of another tenant. */
export function insertRailAccount(
  tenant: TenantId,
  a: RailAccountSnapshot,
  secretKey: string | null,
): Sql<never> {
  return {
    text: `INSERT INTO connections.rail_accounts (tenant_id, id, rail, provider_account_id, mode, secret_key,
      status, created_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING`,
    values: [tenant, a.id, a.rail, a.providerAccountId, a.mode, secretKey, a.status, a.createdAt],
  };
}

export function updateSecretKey(id: string, secretKey: string): Sql<never> {
  return {
    text: 'UPDATE connections.rail_accounts SET secret_key = $2 WHERE id = $1',
    values: [id, secretKey],
  };
}

export function secretKeyOf(id: string): Sql<{ secret_key: string | null }> {
  return { text: 'SELECT secret_key FROM connections.rail_accounts WHERE id = $1', values: [id] };
}

export function updateStatus(a: RailAccountSnapshot): Sql<never> {
  return {
    text: `UPDATE connections.rail_accounts
              SET status = $2, paused_reason = $3, paused_by = $4, paused_at = $5 WHERE id = $1`,
    values: [a.id, a.status, a.pausedReason, a.pausedBy, a.pausedAt],
  };
}

export function insertRailAccountChange(
  tenant: TenantId,
  id: string,
  railAccountId: string,
  change: RailAccountChange,
): Sql<never> {
  return {
    text: `INSERT INTO connections.rail_account_changes (tenant_id, id, rail_account_id, kind, reason, actor)
      VALUES ($1, $2, $3, $4, $5, $6)`,
    values: [tenant, id, railAccountId, change.kind, change.reason, change.actor],
  };
}

/** Runs as the system login, which may read only these columns of all tenants. */
export function railAccountRoutes(
  tenant: TenantId | null,
): Sql<{ tenant_id: TenantId; id: string; status: 'active' | 'paused' }> {
  return {
    text: `SELECT tenant_id, id, status FROM connections.rail_accounts
            WHERE rail = 'stripe' AND ($1::uuid IS NULL OR tenant_id = $1::uuid) ORDER BY tenant_id, id`,
    values: [tenant],
  };
}
