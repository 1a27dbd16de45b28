import type { Transfer } from '../state/objects';
import type { Simulation } from '../state/simulation';
import type { CallRecord, DeliveryRecord, EffectiveTransfer, PageRequest, RecordPage } from './types';

const LIMIT_DEFAULT = 1_000;
const LIMIT_MAX = 10_000;

function limitOf(page: PageRequest): number {
  return Math.min(Math.max(page.limit ?? LIMIT_DEFAULT, 1), LIMIT_MAX);
}

function paged<T extends { readonly seq: number }>(rows: readonly T[]): RecordPage<T> {
  return { rows, next: rows.at(-1)?.seq ?? null };
}

function effectOf(platform: string, transfer: Transfer, seq: number): EffectiveTransfer {
  return {
    seq,
    id: transfer.id,
    platform,
    amount: transfer.amount,
    amount_reversed: transfer.amountReversed,
    currency: transfer.currency,
    destination: transfer.destination,
    transfer_group: transfer.transferGroup,
    metadata: transfer.metadata,
    idempotency_key: transfer.idempotencyKey,
    created_ms: transfer.createdMs,
    reversed: transfer.amountReversed === transfer.amount,
    reversals: transfer.reversals.map(({ id, amount }) => ({ id, amount })),
  };
}

/** The record of all calls and of their effects; tests compare it with the ledger. */
export class Records {
  constructor(private readonly simulation: Simulation) {}

  calls(page: PageRequest = {}): RecordPage<CallRecord> {
    return paged(this.simulation.calls.page(page.since ?? 0, limitOf(page)));
  }

  deliveries(page: PageRequest = {}): RecordPage<DeliveryRecord> {
    return paged(this.simulation.deliveries.records.page(page.since ?? 0, limitOf(page)));
  }

  /** In the order in which they happened, each in its current state. */
  effects(page: PageRequest = {}): RecordPage<EffectiveTransfer> {
    const since = page.since ?? 0;
    const slice = this.simulation.effective.slice(since, since + limitOf(page));
    return paged(
      slice.map(({ platform, transfer }, index) => effectOf(platform.id, transfer, since + index + 1)),
    );
  }
}
