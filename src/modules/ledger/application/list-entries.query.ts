import { Injectable } from '@nestjs/common';
import { type Tx, UnitOfWork } from '../../../kernel/tx';
import { sql, type Sql } from '../../../platform/database';
import type { PageWindow } from '../../../kernel/page-window';
import type { AccountKind, Purpose } from '../domain/chart';

/** An expansion posts thousands of postings in one entry, so a page shows the first ones only. */
export const POSTINGS_SHOWN_MAX = 100;

export interface EntryFilters {
  readonly reference?: string;
  readonly kind?: string;
  /** The id of an account that is debited or credited by a posting. */
  readonly account?: string;
}

export interface PostedAccount {
  readonly id: string;
  readonly kind: AccountKind;
  readonly owner: string | null;
  readonly purpose: Purpose | null;
}

export interface PostingRow {
  readonly entry_id: string;
  readonly position: number;
  readonly from_account: PostedAccount;
  readonly to_account: PostedAccount;
  readonly minor: bigint;
  readonly currency: string;
}

interface Found {
  readonly id: string;
  readonly reference: string;
  readonly kind: string;
  readonly actor: string;
  readonly occurred_at: Date;
  readonly created_at: Date;
  readonly posting_count: number;
}

export type EntryRow = Found & { readonly postings: PostingRow[] };

/** Lists entries, newest first: their ids are in the order of time. */
@Injectable()
export class ListEntries {
  constructor(private readonly uow: UnitOfWork) {}

  /** With a filter by account, only the postings of that account are returned. */
  async execute(tx: Tx, filters: EntryFilters, window: PageWindow): Promise<EntryRow[]> {
    const tenant = this.uow.tenantOf(tx);
    const found = await sql(tx).rows(pageOfEntries(tenant, filters, window));
    const postings = new Map(found.map((entry) => [entry.id, [] as PostingRow[]]));
    const rows = await sql(tx).rows(postingsOf(tenant, [...postings.keys()], filters.account ?? null));
    for (const row of rows) postings.get(row.entry_id)?.push(row);
    return found.map((entry) => ({ ...entry, postings: postings.get(entry.id) ?? [] }));
  }
}

function pageOfEntries(tenant: string, filters: EntryFilters, window: PageWindow): Sql<Found> {
  const values: unknown[] = [tenant, window.take];
  const where = ['e.tenant_id = $1'];
  if (filters.reference !== undefined) where.push(`e.reference = $${values.push(filters.reference)}`);
  if (filters.kind !== undefined) where.push(`e.kind = $${values.push(filters.kind)}`);
  if (window.position) where.push(`e.id ${window.backwards ? '>' : '<'} $${values.push(window.position[0])}`);
  const order = window.backwards ? 'ASC' : 'DESC';
  const matching = where.join(' AND ');
  const touched =
    filters.account === undefined ? '' : touchedBy(`$${values.push(filters.account)}`, matching, order);
  return {
    text: `SELECT e.id, e.reference, e.kind, e.actor, e.occurred_at, e.created_at,
                  (SELECT p.position + 1 FROM ledger.postings p WHERE p.tenant_id = $1 AND p.entry_id = e.id
                    ORDER BY p.position DESC LIMIT 1) AS posting_count
             FROM ledger.entries e WHERE ${matching}${touched} ORDER BY e.id ${order} LIMIT $2`,
    values,
  };
}

/**
 * Reads the index of the account's postings from the newest on and stops after a page. A scan of entries instead
 * would read all entries for an account with a single posting.
 */
function touchedBy(account: string, matching: string, order: 'ASC' | 'DESC'): string {
  const side = (column: string) =>
    `(SELECT DISTINCT p.entry_id FROM ledger.postings p JOIN ledger.entries e ON e.tenant_id = $1
      AND e.id = p.entry_id
       WHERE p.tenant_id = $1 AND p.${column} = ${account} AND ${matching} ORDER BY p.entry_id ${order}
         LIMIT $2)`;
  return ` AND e.id IN (${side('from_account_id')} UNION ALL ${side('to_account_id')})`;
}

function postingsOf(tenant: string, entryIds: readonly string[], account: string | null): Sql<PostingRow> {
  return {
    text: `
      SELECT p.entry_id, p.position, p.minor, f.currency,
             jsonb_build_object('id', f.id, 'kind', f.kind, 'owner', f.owner, 'purpose', f.purpose)
               AS from_account,
             jsonb_build_object('id', t.id, 'kind', t.kind, 'owner', t.owner, 'purpose', t.purpose)
               AS to_account
        FROM unnest($2::uuid[]) AS wanted (entry_id)
       CROSS JOIN LATERAL (
         SELECT * FROM ledger.postings p
          WHERE p.tenant_id = $1 AND p.entry_id = wanted.entry_id
            AND ($3::uuid IS NULL OR $3::uuid IN (p.from_account_id, p.to_account_id))
          ORDER BY p.position LIMIT ${POSTINGS_SHOWN_MAX}) p
        JOIN ledger.accounts f ON f.tenant_id = $1 AND f.id = p.from_account_id
        JOIN ledger.accounts t ON t.tenant_id = $1 AND t.id = p.to_account_id
       ORDER BY p.entry_id, p.position`,
    values: [tenant, entryIds, account],
  };
}
