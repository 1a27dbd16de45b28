import { InvalidTransition } from '../../../kernel/errors';

/** `pending` → `expanding`: its transfers are created → `processing`: they are paid → `complete`. */
export const PAYOUT_JOB_STATUSES = ['pending', 'expanding', 'processing', 'complete'] as const;
export type PayoutJobStatus = (typeof PAYOUT_JOB_STATUSES)[number];

export interface PayoutJobSnapshot {
  readonly id: string;
  readonly settlementId: string;
  readonly railAccountId: string;
  readonly status: PayoutJobStatus;
  /** How many awards, from position 0, have their transfer. */
  readonly expandedThrough: number;
  readonly total: number;
  readonly createdAt: Date;
  readonly startedAt: Date | null;
  readonly completedAt: Date | null;
}

/** The job that pays the awards of a settlement. Complete when none of its transfers is open. */
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

  /** Call after each chunk of awards whose transfers are created. The last one makes the job processing. */
  advance(awards: number, at: Date): void {
    // An expansion repeats until all awards have their transfer: a chunk of 0 would make it endless.
    if (awards < 1) throw new Error(`payout job ${this.state.id} cannot advance by ${awards} awards`);
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

  /** Makes a complete job processing again, because failed transfers were reopened. */
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
