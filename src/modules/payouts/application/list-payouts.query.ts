import { Injectable } from '@nestjs/common';
import { firstIdAt } from '../../../kernel/ids';
import { type Comparison, msBound } from '../../../kernel/time-bounds';
import { type Tx, UnitOfWork } from '../../../kernel/tx';
import { sql, type Sql } from '../../../platform/database';
import type { PageWindow } from '../../../platform/http';
import type { PayoutStatus } from '../contract';
import type { PayoutSnapshot } from '../domain/payout';
import type { PayoutEventKind } from './ports';

const OPERATORS: Record<Comparison, string> = { gt: '>', gte: '>=', lt: '<', lte: '<=' };
export type Bound<T> = readonly [Comparison, T];

export interface PayoutFilters {
  readonly status?: PayoutStatus | undefined;
  readonly recipientId?: string | undefined;
  readonly currency?: string | undefined;
  readonly rail?: string | undefined;
  /** Minor units of `currency`. */
  readonly amount: readonly Bound<bigint>[];
  /** RFC 3339, as it came: a Date would lose what is finer than a millisecond. */
  readonly createdAt: readonly Bound<string>[];
}

export interface PayoutRow {
  readonly id: string;
  readonly recipient_id: string;
  readonly amount_minor: bigint;
  readonly currency: string;
  readonly rail: PayoutSnapshot['rail'];
  readonly state: PayoutStatus;
  readonly reason: string | null;
  readonly transfer_id: string | null;
  readonly recipient_name: string;
  readonly account_tail: string | null;
  readonly bank_code: string | null;
  readonly description: string | null;
  readonly metadata: Record<string, string>;
  readonly created_by: string;
  readonly created_at: Date;
  readonly updated_at: Date;
  readonly finished_at: Date | null;
}

export interface PayoutEventRow {
  readonly id: string;
  readonly kind: PayoutEventKind | 'created';
  readonly from_state: PayoutStatus | null;
  readonly to_state: PayoutStatus;
  readonly reason: string | null;
  readonly actor: string;
  readonly occurred_at: Date;
}

export const PAYOUT_ROW = `id, recipient_id, amount_minor, currency, rail, state, reason, transfer_id, recipient_name, account_tail, bank_code,
       description, metadata, created_by, created_at, updated_at, finished_at`;

/** Newest first; ids are in the order of time, so that a page deep down costs what the first one costs. */
@Injectable()
export class ListPayouts {
  constructor(private readonly uow: UnitOfWork) {}

  async execute(tx: Tx, filters: PayoutFilters, window: PageWindow): Promise<PayoutSnapshot[]> {
    return (await sql(tx).rows(pageOfPayouts(this.uow.tenantOf(tx), filters, window))).map(snapshotOf);
  }

  /** What happened to one payout, newest first; its making comes last. */
  events(tx: Tx, payoutId: string, window: PageWindow): Promise<PayoutEventRow[]> {
    return sql(tx).rows(pageOfEvents(this.uow.tenantOf(tx), payoutId, window));
  }
}

const EQUAL = { status: 'state', recipientId: 'recipient_id', currency: 'currency', rail: 'rail' } as const;

export function pageOfPayouts(tenant: string, filters: PayoutFilters, window: PageWindow): Sql<PayoutRow> {
  const values: unknown[] = [tenant, window.take];
  const where = ['tenant_id = $1'];
  const and = (column: string, operator: string, value: unknown) =>
    where.push(`${column} ${operator} $${values.push(value)}`);
  for (const [filter, column] of Object.entries(EQUAL)) {
    const wanted = filters[filter as keyof typeof EQUAL];
    if (wanted !== undefined) and(column, '=', wanted);
  }
  for (const [comparison, minor] of filters.amount) and('amount_minor', OPERATORS[comparison], minor);
  // A payout was created in the millisecond of its id: a bound of time is a bound of ids.
  for (const [comparison, time] of filters.createdAt)
    and('id', comparison.startsWith('g') ? '>=' : '<', firstIdAt(msBound(comparison, time)));
  if (window.position) and('id', window.backwards ? '>' : '<', window.position[0]);
  return {
    text: `SELECT ${PAYOUT_ROW} FROM payouts.payouts WHERE ${where.join(' AND ')}
      ORDER BY id ${window.backwards ? 'ASC' : 'DESC'} LIMIT $2`,
    values,
  };
}

/** The making of a payout is told by the payout itself: a row for it would double what is there. */
function pageOfEvents(tenant: string, payoutId: string, window: PageWindow): Sql<PayoutEventRow> {
  const values: unknown[] = [tenant, payoutId, window.take];
  const beyond = window.position
    ? `WHERE id ${window.backwards ? '>' : '<'} $${values.push(window.position[0])}`
    : '';
  return {
    text: `SELECT id, kind, from_state, to_state, reason, actor, occurred_at FROM (
             SELECT id, kind, from_state, to_state, reason, actor, occurred_at FROM payouts.payout_events
               WHERE tenant_id = $1 AND payout_id = $2
             UNION ALL
             SELECT id, 'created', NULL, 'NEW', NULL, created_by, created_at FROM payouts.payouts
               WHERE tenant_id = $1 AND id = $2) e
           ${beyond} ORDER BY id ${window.backwards ? 'ASC' : 'DESC'} LIMIT $3`,
    values,
  };
}

export function snapshotOf(row: PayoutRow): PayoutSnapshot {
  return {
    id: row.id,
    recipientId: row.recipient_id,
    amountMinor: row.amount_minor,
    currency: row.currency,
    rail: row.rail,
    status: row.state,
    reason: row.reason,
    transferId: row.transfer_id,
    recipientName: row.recipient_name,
    accountTail: row.account_tail,
    bankCode: row.bank_code,
    description: row.description,
    metadata: row.metadata,
    createdBy: row.created_by,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    finishedAt: row.finished_at,
  };
}
