import { InvalidTransition } from '../../../kernel/errors';
import {
  type CallKind,
  claimCall,
  emptyLookUpCountsFrom,
  holdsLease,
  recordEmptyLookUp,
} from '../../../kernel/provider-calls';
import type { TransferStatus } from '../contract';
import {
  afterCall,
  type Claim,
  completed,
  endGeneration,
  failed,
  type Moment,
  type UnprovedOutcome,
  underReview,
} from './after-call';
import type { ProviderTransfer } from './call-outcome';
import { OriginHasEnded, TransferInFlight } from './errors';
import type { TransferPolicy } from './policy';
import {
  effectOf,
  freeze,
  type TransferEffect,
  type TransferSnapshot,
  type Transition,
} from './transfer-snapshot';

const WAITING: readonly TransferStatus[] = [
  'pending',
  'retryable',
  'unknown',
  'waiting_for_funds',
  'blocked_recipient',
];
const CANCELLABLE: readonly TransferStatus[] = [
  'pending',
  'retryable',
  'waiting_for_funds',
  'blocked_recipient',
  'awaiting_confirmation',
];

/**
 * One movement of money to one recipient. SQL selects and locks; every change of state is decided here and in
 * `afterCall`. The life of its calls is in kernel/provider-calls.
 */
export class Transfer {
  readonly transitions: Transition[] = [];
  private s: TransferSnapshot;

  private constructor(private readonly stored: TransferSnapshot) {
    this.s = stored;
  }

  static rehydrate(snapshot: TransferSnapshot): Transfer {
    return new Transfer(snapshot);
  }

  snapshot(): TransferSnapshot {
    return this.s;
  }

  get id(): string {
    return this.s.id;
  }

  /** What differs from what was read, and has to be written. */
  changedFields(): (keyof TransferSnapshot)[] {
    return (Object.keys(this.s) as (keyof TransferSnapshot)[]).filter(
      (field) => this.s[field] !== this.stored[field],
    );
  }

  /**
   * Begins a call under a lease, or ends the transfer when it has no destination. Returns the kind of call to
   * make, null for none.
   */
  claim(claim: Claim, policy: TransferPolicy): CallKind | null {
    if (this.s.state !== 'processing') this.assertState(WAITING, 'processing');
    if (!this.s.frozen && !claim.destination) {
      this.become(failed(this.s, 'DESTINATION_ACCOUNT_MISSING'), claim);
      return null;
    }
    if (!this.s.frozen) this.beginGeneration(claim.destination as string, claim.apiVersion);
    const claimed = claimCall(this.s, claim.leaseToken, claim.now, policy);
    const { attempts, leaseUntil: dueAt } = claimed;
    this.become({ ...claimed, state: 'processing', attempts: attempts + 1, dueAt }, claim);
    return claimed.callKind;
  }

  holdsLease(token: string): boolean {
    return this.s.state === 'processing' && holdsLease(this.s, token);
  }

  /**
   * The provider is proved to hold the transfer: accepted from any source at any time, without a lease. A
   * cancelled transfer stays cancelled and a completed one keeps its provider id; the caller stores the
   * evidence and alerts.
   */
  complete(at: ProviderTransfer, moment: Moment): TransferEffect {
    if (this.s.state === 'completed' || this.s.state === 'cancelled') return 'none';
    return this.become(completed(this.s, at, moment.now), moment);
  }

  /** Records what the holder of the lease received. Success goes through `complete`. */
  record(outcome: UnprovedOutcome, moment: Moment, policy: TransferPolicy): TransferEffect {
    return this.become(afterCall(this.s, outcome, moment, policy), moment);
  }

  /** Something moved or may have moved, and only an operator can decide. */
  review(reason: string, moment: Moment): TransferEffect {
    return this.become(underReview(this.s, reason), moment);
  }

  cancel(reason: string, moment: Moment): TransferEffect {
    if (this.s.ambiguous || this.s.state === 'processing' || this.s.state === 'unknown')
      throw new TransferInFlight();
    this.assertState(CANCELLABLE, 'cancelled');
    return this.become({ ...this.s, state: 'cancelled', reason, dueAt: null }, moment);
  }

  /** Makes a waiting transfer due: what it waited for may be there now. */
  resume(moment: Moment, reason: string | null = this.s.reason): void {
    this.assertState(WAITING, 'pending');
    this.s = { ...this.s, dueAt: moment.now, reason };
  }

  /**
   * Opens it again after a look-up that found nothing. The next generation pays; the caller reserves the
   * money again when it was released.
   */
  reopen(reason: string, moment: Moment): { reserve: boolean } {
    this.assertState(['failed_terminal', 'needs_review'], 'pending');
    if (this.s.originEnded) throw new OriginHasEnded();
    if (this.s.ambiguous) throw new TransferInFlight();
    const reserve = this.s.state === 'failed_terminal';
    const opened = { ...endGeneration(this.s), opening: this.s.opening + 1, generationsEnded: 0 };
    // No worker sends on the manual rail: an operator confirms it, as at first.
    const next =
      this.s.rail === 'manual'
        ? ({ state: 'awaiting_confirmation', dueAt: null } as const)
        : ({ state: 'pending', dueAt: moment.now } as const);
    this.become({ ...opened, ...next, reason, providerCode: null }, moment);
    return { reserve };
  }

  /**
   * Records an operator's look-up that found nothing. Returns from when the next one counts, null when it is
   * proved that nothing moved.
   */
  recordEmptyLookUp(now: Date, policy: TransferPolicy): Date | null {
    this.s = recordEmptyLookUp(this.s, now, policy);
    return this.s.ambiguous ? emptyLookUpCountsFrom(this.s, policy) : null;
  }

  /** An operator's look-up is a call like any other: it gets the next number. */
  countLookUp(): number {
    this.s = { ...this.s, attempts: this.s.attempts + 1 };
    return this.s.attempts;
  }

  confirmPaid(externalId: string, reason: string, moment: Moment): TransferEffect {
    this.assertState(['awaiting_confirmation'], 'completed');
    const paid = { state: 'completed', providerTransferId: externalId, completedAt: moment.now } as const;
    return this.become({ ...this.s, ...paid, reason }, moment);
  }

  confirmFailed(reason: string, moment: Moment): TransferEffect {
    this.assertState(['awaiting_confirmation'], 'failed_terminal');
    return this.become(failed(this.s, reason), moment);
  }

  reversed(amountMinor: bigint): void {
    this.s = { ...this.s, amountReversedMinor: this.s.amountReversedMinor + amountMinor };
  }

  private beginGeneration(destination: string, apiVersion: string): void {
    const next = { ...this.s, generation: this.s.generation + 1 };
    this.s = { ...next, frozen: freeze(next, destination, apiVersion) };
  }

  private assertState(from: readonly TransferStatus[], to: TransferStatus): void {
    if (!from.includes(this.s.state)) throw new InvalidTransition('transfer', this.s.state, to);
  }

  /** The one place that changes the state. */
  private become(next: TransferSnapshot, { actor }: Moment): TransferEffect {
    const { state: from } = this.s;
    const { state: to, opening, generation, reason } = next;
    this.transitions.push({ from, to, opening, generation, reason, actor });
    this.s = next;
    return effectOf(from, to);
  }
}
