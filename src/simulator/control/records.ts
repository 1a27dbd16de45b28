import type { Transfer } from '../state/objects';
import type { World } from '../state/world';
import type { CallRecord, DeliveryRecord, EffectiveTransfer, PageAsked, RecordPage } from './types';

const LIMIT_DEFAULT = 1_000;
const LIMIT_MAX = 10_000;

function limitOf(asked: PageAsked): number {
  return Math.min(Math.max(asked.limit ?? LIMIT_DEFAULT, 1), LIMIT_MAX);
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

/** The full record of what was asked and what really happened; tests compare it with the ledger. */
export class Records {
  constructor(private readonly world: World) {}

  calls(asked: PageAsked = {}): RecordPage<CallRecord> {
    return paged(this.world.calls.page(asked.since ?? 0, limitOf(asked)));
  }

  deliveries(asked: PageAsked = {}): RecordPage<DeliveryRecord> {
    return paged(this.world.deliveries.records.page(asked.since ?? 0, limitOf(asked)));
  }

  /** In the order in which they happened; the newest state of each. */
  effects(asked: PageAsked = {}): RecordPage<EffectiveTransfer> {
    const since = asked.since ?? 0;
    const slice = this.world.effective.slice(since, since + limitOf(asked));
    return paged(
      slice.map(({ platform, transfer }, index) => effectOf(platform.id, transfer, since + index + 1)),
    );
  }
}
