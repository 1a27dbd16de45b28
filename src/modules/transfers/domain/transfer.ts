import { InvalidTransition } from '../../../kernel/errors';
import { FINAL_STATUSES, OriginHasEnded, TransferInFlight, type TransferStatus } from '../contract';
import type { CallOutcome, ProviderTransfer } from './call-outcome';
import { freeze } from './frozen-call';
import { backoffMs, SERVER_ERRORS_MAX, soonMs, type TransferPolicy } from './policy';
import type { CallKind, TransferSnapshot, Transition } from './transfer-snapshot';

type State = { -readonly [K in keyof TransferSnapshot]: TransferSnapshot[K] };

/** What the ledger must hear of a change. */
export type Consequence = 'none' | 'completed' | 'completed_late' | 'released';

export interface Moment {
  /** The database's clock; a process clock decides nothing. */
  readonly now: Date;
  /** 0 ≤ jitter < 1. */
  readonly jitter: number;
  readonly actor: string;
}

export interface Claim extends Moment {
  readonly leaseToken: string;
  /** Where the money is to go as of now; looked at only when a generation begins. */
  readonly destination: string | null;
  readonly apiVersion: string;
}

const CLAIMABLE: readonly TransferStatus[] = [
  'pending',
  'retryable',
  'unknown',
  'waiting_for_funds',
  'blocked_recipient',
  'processing',
];
const CANCELLABLE: readonly TransferStatus[] = [
  'pending',
  'retryable',
  'waiting_for_funds',
  'blocked_recipient',
  'awaiting_confirmation',
];

/** One movement of money to one recipient. Every rule of its life is here; SQL only picks and locks. */
export class Transfer {
  readonly transitions: Transition[] = [];
  private readonly s: State;

  private constructor(private readonly known: TransferSnapshot) {
    this.s = { ...known };
  }

  static rehydrate(snapshot: TransferSnapshot): Transfer {
    return new Transfer(snapshot);
  }

  snapshot(): TransferSnapshot {
    return { ...this.s };
  }

  get id(): string {
    return this.s.id;
  }

  /** What differs from what was read, and has to be written. */
  changedFields(): (keyof TransferSnapshot)[] {
    return (Object.keys(this.s) as (keyof TransferSnapshot)[]).filter(
      (field) => this.s[field] !== this.known[field],
    );
  }

  get isFinal(): boolean {
    return (FINAL_STATUSES as readonly string[]).includes(this.s.state);
  }

  /**
   * Begins a call under a lease, or ends the transfer when it has nowhere to go. Answers the kind of call to
   * make, null for none.
   */
  claim(claim: Claim, policy: TransferPolicy): CallKind | null {
    if (!CLAIMABLE.includes(this.s.state))
      throw new InvalidTransition('transfer', this.s.state, 'processing');
    // The lease ran out with a call on its way: nobody knows what became of it.
    if (this.s.state === 'processing' && this.s.callKind === 'send') this.s.ambiguous = true;
    if (!this.s.frozen && !claim.destination) {
      this.fail('DESTINATION_ACCOUNT_MISSING', claim);
      return null;
    }
    if (!this.s.frozen) this.beginGeneration(claim.destination as string, claim.apiVersion);
    const call = this.modeAt(claim.now, policy);
    this.move('processing', claim, this.s.reason);
    this.s.callKind = call;
    this.s.attempts += 1;
    this.s.leaseToken = claim.leaseToken;
    this.s.leaseUntil = new Date(claim.now.getTime() + policy.leaseMs);
    this.s.dueAt = this.s.leaseUntil;
    if (call === 'send') {
      this.s.firstSentAt ??= claim.now;
      this.s.lastSentAt = this.s.leaseUntil;
    }
    return call;
  }

  /** Sending the key again is safe only while the provider is sure to remember it. */
  modeAt(now: Date, policy: TransferPolicy): CallKind {
    const age = this.s.firstSentAt ? now.getTime() - this.s.firstSentAt.getTime() : 0;
    return age < policy.safeWindowMs && this.s.serverErrors < SERVER_ERRORS_MAX ? 'send' : 'look_up';
  }

  holdsLease(token: string): boolean {
    return this.s.state === 'processing' && this.s.leaseToken === token;
  }

  /**
   * The provider is known to hold the transfer. True whoever learnt it and whenever: no lease is asked for. A
   * cancelled transfer stays cancelled and a completed one keeps its provider id; the caller keeps the
   * evidence and raises the alarm.
   */
  complete(at: ProviderTransfer, moment: Moment): Consequence {
    if (this.s.state === 'completed' || this.s.state === 'cancelled') return 'none';
    const late = this.s.state === 'failed_terminal';
    this.s.providerTransferId = at.id;
    this.s.balanceTransactionId = at.balanceTransactionId;
    this.s.destinationPaymentId = at.destinationPaymentId;
    this.s.completedAt = moment.now;
    this.s.ambiguous = false;
    this.s.providerCode = null;
    this.s.dueAt = null;
    this.endCall();
    this.move('completed', moment, null);
    return late ? 'completed_late' : 'completed';
  }

  /** What the holder of the lease learnt. Success goes through `complete`. */
  record(
    outcome: Exclude<CallOutcome, { kind: 'succeeded' }>,
    moment: Moment,
    policy: TransferPolicy,
  ): Consequence {
    if (this.s.callKind === 'send') this.s.lastSentAt = moment.now;
    this.endCall();
    this.s.providerCode = outcome.providerCode;
    switch (outcome.kind) {
      case 'mismatched':
        return this.review(outcome.reason, moment);
      case 'refused':
        return this.refused(outcome.fix, outcome.reason, moment);
      case 'rejected':
        return this.s.ambiguous ? this.lookUpNext(outcome.reason, moment) : this.fail(outcome.reason, moment);
      case 'no_effect':
        return this.tryAgain(outcome.reason, moment, policy);
      case 'misconfigured':
        return this.retry(outcome.reason, moment, 0);
      case 'unknown':
        this.s.serverErrors += outcome.stored ? 1 : 0;
        return this.unknown(
          outcome.reason,
          moment,
          outcome.soon ? soonMs(moment.jitter) : this.nextBackoff(moment),
        );
      case 'key_conflict':
        return this.lookUpNext(outcome.reason, moment);
      case 'look_up_failed':
        return this.tryAgain(outcome.reason, moment, policy);
      case 'found':
        return this.lookedUp(outcome, moment, policy);
    }
  }

  /**
   * A person must look; the money stays reserved. Something has moved or may have: only two empty look-ups
   * from now on say otherwise.
   */
  review(reason: string, moment: Moment): Consequence {
    this.s.ambiguous = true;
    this.s.lookUpEmptyAt = null;
    this.s.dueAt = null;
    this.endCall();
    this.move('needs_review', moment, reason);
    return 'none';
  }

  cancel(reason: string, moment: Moment): Consequence {
    if (this.s.ambiguous || this.s.state === 'processing' || this.s.state === 'unknown')
      throw new TransferInFlight();
    if (!CANCELLABLE.includes(this.s.state))
      throw new InvalidTransition('transfer', this.s.state, 'cancelled');
    this.s.dueAt = null;
    this.move('cancelled', moment, reason);
    return 'released';
  }

  /** Something it waited for may be there now. */
  resume(moment: Moment, reason: string | null = this.s.reason): void {
    if (!CLAIMABLE.includes(this.s.state) || this.s.state === 'processing')
      throw new InvalidTransition('transfer', this.s.state, 'pending');
    this.s.dueAt = moment.now;
    this.s.reason = reason;
  }

  /**
   * After a look-up that found nothing. A further generation pays; the caller reserves the money again when
   * it was released.
   */
  reopen(reason: string, moment: Moment): { reserve: boolean } {
    if (this.s.state !== 'failed_terminal' && this.s.state !== 'needs_review')
      throw new InvalidTransition('transfer', this.s.state, 'pending');
    if (this.s.originEnded) throw new OriginHasEnded();
    if (this.s.ambiguous) throw new TransferInFlight();
    const reserve = this.s.state === 'failed_terminal';
    this.s.opening += 1;
    this.s.generationsEnded = 0;
    this.endGeneration();
    this.s.providerCode = null;
    // No worker sends on the manual rail: it waits for a person, as it did at first.
    const byPerson = this.s.rail === 'manual';
    this.s.dueAt = byPerson ? null : moment.now;
    this.move(byPerson ? 'awaiting_confirmation' : 'pending', moment, reason);
    return { reserve };
  }

  /**
   * Only a look-up may tell that nothing moved; an operator's look-up counts like any other. Answers when to
   * look again, null for "proved".
   */
  provedEmpty(now: Date, policy: TransferPolicy): Date | null {
    if (!this.s.ambiguous) return null;
    const quietFrom = (this.s.lastSentAt?.getTime() ?? 0) + policy.quarantineMs;
    if (now.getTime() < quietFrom) return new Date(quietFrom);
    const secondFrom = this.s.lookUpEmptyAt ? this.s.lookUpEmptyAt.getTime() + policy.quarantineMs : null;
    this.s.lookUpEmptyAt ??= now;
    if (secondFrom === null || now.getTime() < secondFrom)
      return new Date(this.s.lookUpEmptyAt.getTime() + policy.quarantineMs);
    this.s.ambiguous = false;
    return null;
  }

  /** An operator's look-up is a call like any other: it gets the next number. */
  countLookUp(): number {
    this.s.attempts += 1;
    return this.s.attempts;
  }

  confirmPaid(externalId: string, reason: string, moment: Moment): Consequence {
    if (this.s.state !== 'awaiting_confirmation')
      throw new InvalidTransition('transfer', this.s.state, 'completed');
    this.s.providerTransferId = externalId;
    this.s.completedAt = moment.now;
    this.move('completed', moment, reason);
    return 'completed';
  }

  confirmFailed(reason: string, moment: Moment): Consequence {
    if (this.s.state !== 'awaiting_confirmation')
      throw new InvalidTransition('transfer', this.s.state, 'failed_terminal');
    return this.fail(reason, moment);
  }

  reversed(amountMinor: bigint): void {
    this.s.amountReversedMinor += amountMinor;
  }

  private refused(fix: 'funds' | 'recipient' | 'data', reason: string, moment: Moment): Consequence {
    this.s.ambiguous = false;
    this.endGeneration();
    if (fix === 'data') return this.fail(reason, moment);
    this.s.dueAt = null;
    if (fix === 'funds') return this.wait('waiting_for_funds', reason, moment);
    return this.countGeneration(moment) ?? this.wait('blocked_recipient', reason, moment);
  }

  private wait(
    state: 'waiting_for_funds' | 'blocked_recipient',
    reason: string,
    moment: Moment,
  ): Consequence {
    this.move(state, moment, reason);
    return 'none';
  }

  private tryAgain(reason: string, moment: Moment, policy: TransferPolicy): Consequence {
    this.s.retrySince ??= moment.now;
    const spent = moment.now.getTime() - this.s.retrySince.getTime() >= policy.retryForMs;
    if (spent)
      return this.s.ambiguous
        ? this.review('retry_window_exhausted', moment)
        : this.fail('retry_window_exhausted', moment);
    return this.retry(reason, moment, this.nextBackoff(moment));
  }

  /**
   * An answer from before the idempotency layer does not explain an earlier call: what was unknown stays
   * unknown.
   */
  private retry(reason: string, moment: Moment, afterMs: number): Consequence {
    if (this.s.ambiguous) return this.unknown(reason, moment, afterMs);
    this.dueIn(afterMs, moment);
    this.move('retryable', moment, reason);
    return 'none';
  }

  private unknown(reason: string, moment: Moment, afterMs: number): Consequence {
    this.s.ambiguous = true;
    this.dueIn(afterMs, moment);
    this.move('unknown', moment, reason);
    return 'none';
  }

  private lookUpNext(reason: string, moment: Moment): Consequence {
    this.s.serverErrors = SERVER_ERRORS_MAX;
    return this.unknown(reason, moment, this.nextBackoff(moment));
  }

  private lookedUp(
    outcome: Extract<CallOutcome, { kind: 'found' }>,
    moment: Moment,
    policy: TransferPolicy,
  ): Consequence {
    const [only, second] = outcome.transfers;
    if (second) return this.review('several_transfers_at_provider', moment);
    if (only) return this.complete(only, moment);
    if (!this.s.ambiguous) return this.renewKey(outcome.reason, moment, policy);
    const again = this.provedEmpty(moment.now, policy);
    if (again) return this.unknown(outcome.reason, moment, again.getTime() - moment.now.getTime());
    this.endGeneration();
    const exhausted = this.countGeneration(moment);
    return exhausted ?? this.retry(outcome.reason, moment, 0);
  }

  /**
   * The key grew too old without ever reaching the provider's idempotency layer: not an attempt of
   * max_attempts, and its 72 hours go on.
   */
  private renewKey(reason: string, moment: Moment, policy: TransferPolicy): Consequence {
    const { retrySince } = this.s;
    this.endGeneration();
    this.s.retrySince = retrySince;
    return this.tryAgain(reason, moment, policy);
  }

  private countGeneration(moment: Moment): Consequence | null {
    this.s.generationsEnded += 1;
    return this.s.generationsEnded >= this.s.maxAttempts ? this.fail('attempts_exhausted', moment) : null;
  }

  private fail(reason: string, moment: Moment): Consequence {
    this.s.dueAt = null;
    this.endCall();
    this.move('failed_terminal', moment, reason);
    return 'released';
  }

  private beginGeneration(destination: string, apiVersion: string): void {
    this.s.generation += 1;
    this.s.frozen = freeze(this.s, destination, apiVersion);
    this.s.serverErrors = 0;
    this.s.firstSentAt = null;
    this.s.lookUpEmptyAt = null;
  }

  private endGeneration(): void {
    this.s.frozen = null;
    this.s.serverErrors = 0;
    this.s.firstSentAt = null;
    this.s.lookUpEmptyAt = null;
    this.s.backoffStep = 0;
    this.s.retrySince = null;
  }

  private endCall(): void {
    this.s.callKind = null;
    this.s.leaseToken = null;
    this.s.leaseUntil = null;
    if (this.s.state === 'processing') this.s.dueAt = null;
  }

  private nextBackoff(moment: Moment): number {
    return backoffMs(this.s.backoffStep++, moment.jitter);
  }

  private dueIn(ms: number, moment: Moment): void {
    this.s.dueAt = new Date(moment.now.getTime() + ms);
  }

  private move(to: TransferStatus, moment: Moment, reason: string | null): void {
    this.transitions.push({
      from: this.s.state,
      to,
      opening: this.s.opening,
      generation: this.s.generation,
      reason,
      actor: moment.actor,
    });
    this.s.state = to;
    this.s.reason = reason;
  }
}
