import { Injectable } from '@nestjs/common';
import { type Tx, UnitOfWork } from '../../../kernel/tx';
import { sql, type Sql } from '../../../platform/database';
import type { PageWindow } from '../../../kernel/page-window';
import type { AccountKind, Purpose } from '../domain/chart';
import { LedgerStore } from './ports';

export interface AccountFilters {
  readonly kind?: AccountKind;
  readonly owner?: string;
  readonly currency?: string;
}

export interface AccountRow {
  readonly id: string;
  readonly kind: AccountKind;
  readonly owner: string | null;
  readonly purpose: Purpose | null;
  readonly currency: string;
  readonly minor: bigint;
  readonly created_at: Date;
  /** `created_at` in microseconds, for the cursor: a Date has milliseconds only, which is not unique enough. */
  readonly created_at_text: string;
}

type Found = Omit<AccountRow, 'minor'> & { readonly minor: bigint | null };

/** Lists accounts with their balances, newest first. */
@Injectable()
export class ListAccounts {
  constructor(
    private readonly uow: UnitOfWork,
    private readonly store: LedgerStore,
  ) {}

  async execute(tx: Tx, filters: AccountFilters, window: PageWindow): Promise<AccountRow[]> {
    const found = await sql(tx).rows(pageOfAccounts(this.uow.tenantOf(tx), filters, window));
    const derived = found.filter((account) => account.minor === null).map((account) => account.id);
    const balances = derived.length ? await this.store.balances(tx, derived) : new Map<string, bigint>();
    return found.map((account) => ({ ...account, minor: account.minor ?? balances.get(account.id) ?? 0n }));
  }
}

const COLUMNS: readonly (keyof AccountFilters)[] = ['kind', 'owner', 'currency'];

function pageOfAccounts(tenant: string, filters: AccountFilters, window: PageWindow): Sql<Found> {
  const values: unknown[] = [tenant, window.take];
  const where = ['tenant_id = $1'];
  for (const column of COLUMNS)
    if (filters[column] !== undefined) where.push(`${column} = $${values.push(filters[column])}`);
  if (window.position) {
    const [createdAt, id] = window.position;
    where.push(
      `(created_at, id) ${window.backwards ? '>' : '<'}
        ($${values.push(createdAt)}::timestamptz, $${values.push(id)}::uuid)`,
    );
  }
  const order = window.backwards ? 'created_at, id' : 'created_at DESC, id DESC';
  return {
    text: `SELECT id, kind, owner, purpose, currency, minor, created_at, created_at::text AS created_at_text
             FROM ledger.accounts WHERE ${where.join(' AND ')} ORDER BY ${order} LIMIT $2`,
    values,
  };
}
