import type { FaultKind } from './faults/kinds';
import type { Metadata } from './wire/metadata';

export type Outcome = 'pending' | 'answered' | 'lost' | 'hung';

/** One call and its outcome. Filled in while the call runs. */
export interface CallRecord {
  readonly seq: number;
  readonly at_ms: number;
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly request_id: string;
  readonly idempotency_key: string | null;
  platform: string | null;
  transfer_group: string | null;
  destination: string | null;
  metadata: Metadata | null;
  params_hash: string;
  /**
   * Which call with this idempotency key (or, without one, of this path) it was, from 1; 0 while no fault is
   * planned.
   */
  nth: number;
  fault: FaultKind | null;
  /** The fault of the call before, applied again to the repeat that stripe-node makes after a reset. */
  carried: boolean;
  /** True when this very call changed something here. A replay changes nothing. */
  effect: boolean;
  /** The object that was made or changed. */
  object_id: string | null;
  replayed: boolean;
  /** The status that was sent, or would have been sent. */
  status: number | null;
  error_code: string | null;
  outcome: Outcome;
}

export interface Stats {
  calls: number;
  by_status: Record<string, number>;
  by_fault: Record<string, number>;
  carried_faults: number;
  effects: number;
  transfers: number;
  reversals: number;
  replays: number;
  conflicts: number;
  /** Calls whose effect happened and whose response did not reach the caller completely. */
  answers_lost_after_effect: number;
  rate_limited: number;
  deliveries: number;
  deliveries_by_fault: Record<string, number>;
  /**
   * Deliveries with a bad signature, altered bytes or an old time that the endpoint accepted: should be 0.
   */
  bad_deliveries_accepted: number;
}

export function emptyStats(): Stats {
  return {
    calls: 0,
    by_status: {},
    by_fault: {},
    carried_faults: 0,
    effects: 0,
    transfers: 0,
    reversals: 0,
    replays: 0,
    conflicts: 0,
    answers_lost_after_effect: 0,
    rate_limited: 0,
    deliveries: 0,
    deliveries_by_fault: {},
    bad_deliveries_accepted: 0,
  };
}

export function count(counters: Record<string, number>, name: string): void {
  counters[name] = (counters[name] ?? 0) + 1;
}

/**
 * Rows with a rising `seq`. With a maximum the oldest go, a tenth at a time, so that dropping costs nothing
 * per row.
 */
export class BoundedLog<T extends { readonly seq: number }> {
  private rows: T[] = [];
  private last = 0;

  constructor(private readonly rowsMax: number) {}

  nextSeq(): number {
    this.last += 1;
    return this.last;
  }

  add(row: T): T {
    this.rows.push(row);
    if (this.rows.length > this.rowsMax * 1.1) this.rows = this.rows.slice(-this.rowsMax);
    return row;
  }

  /** Rows after `since`, oldest first. */
  page(since: number, limit: number): readonly T[] {
    const first = this.rows[0]?.seq ?? 0;
    const from = Math.max(0, since - first + 1);
    return this.rows.slice(from, from + limit);
  }

  clear(): void {
    this.rows = [];
  }
}
