import { InvalidTransition } from '../../../kernel/errors';

/**
 * `pending` → `expanding` (its transfers are being made) → `processing` (they are being paid) → `complete`.
 */
export const PAYOUT_JOB_STATUSES = ['pending', 'expanding', 'processing', 'complete'] as const;
export type PayoutJobStatus = (typeof PAYOUT_JOB_STATUSES)[number];

export interface PayoutJobSnapshot {
  readonly id: string;
  readonly settlementId: string;
  readonly railAccountId: string;
  readonly status: PayoutJobStatus;
  /** Awards that have their transfer, from position 0. */
  readonly expandedThrough: number;
  readonly total: number;
  readonly createdAt: Date;
  readonly startedAt: Date | null;
  readonly completedAt: Date | null;
}

/** The one job that turns a settlement's awards into transfers and is complete when none of them is open. */
export class PayoutJob {
  private constructor(private state: PayoutJobSnapshot) {}

  static rehydrate(snapshot: PayoutJobSnapshot): PayoutJob {
    return new PayoutJob(snapshot);
  }

  static open(
    job: Pick<PayoutJobSnapshot, 'id' | 'settlementId' | 'railAccountId' | 'total'>,
    at: Date,
  ): PayoutJob {
    return new PayoutJob({
      ...job,
      status: 'pending',
      expandedThrough: 0,
      createdAt: at,
      startedAt: null,
      completedAt: null,
    });
  }

  /** The next chunk of awards has its transfers; the last one makes the job processing. */
  advance(awards: number, at: Date): void {
    // A run goes on as long as a job is not expanded.
    if (awards < 1) throw new Error(`payout job ${this.state.id} was to go on with no awards`);
    const { status, expandedThrough, total, startedAt } = this.state;
    const through = expandedThrough + awards;
    const next = through === total ? 'processing' : 'expanding';
    if (status === 'processing' || status === 'complete' || through > total)
      throw new InvalidTransition('payout job', status, next);
    this.state = { ...this.state, status: next, expandedThrough: through, startedAt: startedAt ?? at };
  }

  complete(at: Date): void {
    if (this.state.status !== 'processing')
      throw new InvalidTransition('payout job', this.state.status, 'complete');
    this.state = { ...this.state, status: 'complete', completedAt: at };
  }

  /** Failed transfers were opened again: a job that was complete has work once more. */
  resume(): void {
    if (this.state.status === 'processing') return;
    if (this.state.status !== 'complete')
      throw new InvalidTransition('payout job', this.state.status, 'processing');
    this.state = { ...this.state, status: 'processing', completedAt: null };
  }

  snapshot(): PayoutJobSnapshot {
    return this.state;
  }
}
