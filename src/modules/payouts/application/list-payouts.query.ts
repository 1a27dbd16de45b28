import { Injectable } from '@nestjs/common';
import { firstIdAt } from '../../../kernel/ids';
import { type Comparison, msBound } from '../../../kernel/time-bounds';
import { type Tx, UnitOfWork } from '../../../kernel/tx';
import { sql, type Sql } from '../../../platform/database';
import type { PageWindow } from '../../../kernel/page-window';
import type { PayoutSnapshot, PayoutStatus } from '../domain/payout';
import { PAYOUT_COLUMNS } from './payout-columns';

const OPERATORS: Record<Comparison, string> = { gt: '>', gte: '>=', lt: '<', lte: '<=' };
export type Bound<T> = readonly [Comparison, T];

export interface PayoutFilters {
  readonly status?: PayoutStatus | undefined;
  readonly recipientId?: string | undefined;
  readonly currency?: string | undefined;
  readonly rail?: string | undefined;
  /** Minor units of `currency`. */
  readonly amount: readonly Bound<bigint>[];
  /** RFC 3339 text, as received: a Date would lose digits below a millisecond. */
  readonly createdAt: readonly Bound<string>[];
}

/** Newest first. Ids are in the order of time, so every page costs the same, however far down it is. */
@Injectable()
export class ListPayouts {
  constructor(private readonly uow: UnitOfWork) {}

  execute(tx: Tx, filters: PayoutFilters, window: PageWindow): Promise<PayoutSnapshot[]> {
    return sql(tx).rows(pageOfPayouts(this.uow.tenantOf(tx), filters, window));
  }
}

const EQUAL = { status: 'state', recipientId: 'recipient_id', currency: 'currency', rail: 'rail' } as const;

export function pageOfPayouts(
  tenant: string,
  filters: PayoutFilters,
  window: PageWindow,
): Sql<PayoutSnapshot> {
  const values: unknown[] = [tenant, window.take];
  const where = ['tenant_id = $1'];
  const and = (column: string, operator: string, value: unknown) =>
    where.push(`${column} ${operator} $${values.push(value)}`);
  for (const [filter, column] of Object.entries(EQUAL)) {
    const wanted = filters[filter as keyof typeof EQUAL];
    if (wanted !== undefined) and(column, '=', wanted);
  }
  for (const [comparison, minor] of filters.amount) and('amount_minor', OPERATORS[comparison], minor);
  // `created_at` is the time in the id: a bound of time is a bound of ids, and one index serves both.
  for (const [comparison, time] of filters.createdAt)
    and('id', comparison.startsWith('g') ? '>=' : '<', firstIdAt(msBound(comparison, time)));
  if (window.position) and('id', window.backwards ? '>' : '<', window.position[0]);
  return {
    text: `SELECT ${PAYOUT_COLUMNS} FROM payouts.payouts WHERE ${where.join(' AND ')}
      ORDER BY id ${window.backwards ? 'ASC' : 'DESC'} LIMIT $2`,
    values,
  };
}
