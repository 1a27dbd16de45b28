import { InvalidTransition } from '../../../kernel/errors';
import { TransferInFlight } from '../contract';
import type { CallOutcome, ProviderTransfer } from './call-outcome';
import type { TransferPolicy } from './policy';
import { type Claim, type Moment, Transfer } from './transfer';
import type { TransferSnapshot } from './transfer-snapshot';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const policy: TransferPolicy = {
  safeWindowMs: 12 * HOUR,
  quarantineMs: 10 * MINUTE,
  retryForMs: 72 * HOUR,
  leaseMs: 75_000,
  callDeadlineMs: 30_000,
};
const start = new Date('2026-11-20T12:00:00Z');
const told = { httpStatus: null, providerCode: null, providerRequestId: null };
const at: ProviderTransfer = {
  id: 'tr_1',
  amountMinor: 100n,
  currency: 'USD',
  destination: 'acct_1',
  transferId: 't1',
  balanceTransactionId: 'txn_1',
  destinationPaymentId: 'py_1',
};
const timeout: CallOutcome = {
  ...told,
  kind: 'unknown',
  reason: 'stripe_timeout',
  stored: false,
  soon: false,
};
const storedError: CallOutcome = {
  ...told,
  kind: 'unknown',
  reason: 'stripe_server_error',
  stored: true,
  soon: false,
};
const rateLimit: CallOutcome = { ...told, kind: 'no_effect', reason: 'stripe_rate_limit' };
const empty: CallOutcome = { ...told, kind: 'found', reason: 'look_up_empty', transfers: [] };
const lookUpFailed: CallOutcome = { ...told, kind: 'look_up_failed', reason: 'stripe_connection_error' };
const noFunds: CallOutcome = { ...told, kind: 'refused', reason: 'insufficient_funds', fix: 'funds' };

function pending(over: Partial<TransferSnapshot> = {}): TransferSnapshot {
  return {
    tenantId: 'tenant',
    id: 't1',
    rail: 'stripe',
    railAccountId: 'account',
    recipientId: 'ann',
    purpose: 'award',
    originKind: 'award',
    originId: 'award',
    originSeq: 1,
    jobId: 'job',
    settlementId: 'settlement',
    amountMinor: 100n,
    currency: 'USD',
    amountReversedMinor: 0n,
    state: 'pending',
    reason: null,
    providerCode: null,
    opening: 1,
    generation: 0,
    generationsEnded: 0,
    maxAttempts: 3,
    attempts: 0,
    frozen: null,
    firstSentAt: null,
    lastSentAt: null,
    ambiguous: false,
    serverErrors: 0,
    lookUpEmptyAt: null,
    callKind: null,
    dueAt: start,
    leaseToken: null,
    leaseUntil: null,
    retrySince: null,
    backoffStep: 0,
    providerTransferId: null,
    balanceTransactionId: null,
    destinationPaymentId: null,
    completedAt: null,
    originEnded: false,
    createdAt: start,
    ...over,
  };
}

/** One transfer and a clock: claims and outcomes follow one another. */
class Story {
  now = start;
  transfer: Transfer;
  private leases = 0;

  constructor(over: Partial<TransferSnapshot> = {}) {
    this.transfer = Transfer.rehydrate(pending(over));
  }

  get state() {
    return this.transfer.snapshot();
  }

  claim(over: Partial<Claim> = {}) {
    return this.transfer.claim(
      {
        ...this.moment(),
        leaseToken: `lease-${++this.leases}`,
        destination: 'acct_1',
        apiVersion: 'v1',
        ...over,
      },
      policy,
    );
  }

  hear(outcome: CallOutcome) {
    return outcome.kind === 'succeeded'
      ? this.transfer.complete(outcome.transfer, this.moment())
      : this.transfer.record(outcome, this.moment(), policy);
  }

  call(outcome: CallOutcome) {
    const kind = this.claim();
    this.hear(outcome);
    return kind;
  }

  later(ms: number): this {
    this.now = new Date(this.now.getTime() + ms);
    return this;
  }

  moment(): Moment {
    return { now: this.now, jitter: 0, actor: 'worker' };
  }
}

describe('a transfer', () => {
  it('is paid under one key and remembers where', () => {
    const story = new Story();
    expect(story.claim()).toBe('send');
    expect(story.state).toMatchObject({
      state: 'processing',
      generation: 1,
      attempts: 1,
      frozen: { key: 'transfer:t1:g1', destination: 'acct_1', amountMinor: '100' },
    });
    expect(story.hear({ ...told, kind: 'succeeded', reason: 'paid', transfer: at })).toBe('completed');
    expect(story.state).toMatchObject({
      state: 'completed',
      providerTransferId: 'tr_1',
      dueAt: null,
      leaseToken: null,
      callKind: null,
    });
  });

  it('keeps its key and its parameters for every call of a generation, also when the destination has changed meanwhile', () => {
    const story = new Story();
    story.call(timeout);
    const frozen = story.state.frozen;
    story.later(HOUR).claim({ destination: 'acct_other' });
    expect(story.state).toMatchObject({ generation: 1, attempts: 2, frozen });
  });

  it('does not take a timeout or a server error for a failure', () => {
    for (const outcome of [timeout, storedError]) {
      const story = new Story();
      story.call(outcome);
      expect(story.state).toMatchObject({ state: 'unknown', ambiguous: true, generation: 1 });
    }
  });

  it('stays unknown when a 429 follows a timeout, and can not be cancelled then', () => {
    const story = new Story();
    story.call(timeout);
    story.later(HOUR).call(rateLimit);
    expect(story.state).toMatchObject({ state: 'unknown', ambiguous: true });
    expect(() => story.transfer.cancel('no longer wanted', story.moment())).toThrow(TransferInFlight);
  });

  it('knows again where it stands when the same key is answered from behind the idempotency layer', () => {
    const story = new Story();
    story.call(timeout);
    story.later(HOUR).call(noFunds);
    expect(story.state).toMatchObject({
      state: 'waiting_for_funds',
      ambiguous: false,
      frozen: null,
      generationsEnded: 0,
      dueAt: null,
    });
    expect(story.later(HOUR).claim()).toBe('send');
    expect(story.state.frozen?.key).toBe('transfer:t1:g2');
  });

  it('is looked up instead of sent again once the safe window is over', () => {
    const story = new Story();
    story.call(timeout);
    expect(story.later(policy.safeWindowMs - 1).call(timeout)).toBe('send');
    expect(story.later(1).claim()).toBe('look_up');
  });

  it('is looked up after three stored server errors', () => {
    const story = new Story();
    expect([1, 2, 3].map(() => story.later(HOUR).call(storedError))).toEqual(['send', 'send', 'send']);
    expect(story.later(HOUR).claim()).toBe('look_up');
  });

  it('takes a new key only after two empty look-ups, each a quarantine after what came before', () => {
    const story = new Story({ serverErrors: 0 });
    [1, 2, 3].forEach(() => story.call(storedError));
    story.later(MINUTE).call(empty);
    expect(story.state).toMatchObject({ state: 'unknown', lookUpEmptyAt: null });
    story.later(10 * MINUTE).call(empty);
    expect(story.state).toMatchObject({ state: 'unknown', lookUpEmptyAt: story.now });
    story.later(9 * MINUTE).call(empty);
    expect(story.state).toMatchObject({ state: 'unknown', generation: 1 });
    story.later(MINUTE).call(empty);
    expect(story.state).toMatchObject({
      state: 'retryable',
      ambiguous: false,
      frozen: null,
      generationsEnded: 1,
    });
    expect(story.claim()).toBe('send');
    expect(story.state.frozen?.key).toBe('transfer:t1:g2');
  });

  it('does not count an answer that came before the quarantine when a worker vanished with the call', () => {
    const story = new Story();
    story.claim();
    const leaseEnd = story.state.leaseUntil as Date;
    story.now = leaseEnd;
    expect(story.claim()).toBe('send');
    expect(story.state).toMatchObject({ ambiguous: true, generation: 1, attempts: 2, leaseToken: 'lease-2' });
  });

  it('is completed by what a look-up finds', () => {
    const story = new Story();
    [1, 2, 3].forEach(() => story.call(storedError));
    story.later(MINUTE).claim();
    expect(story.hear({ ...told, kind: 'found', reason: 'look_up_found', transfers: [at] })).toBe(
      'completed',
    );
    expect(story.state.providerTransferId).toBe('tr_1');
  });

  it('asks a person when the provider holds several, or one that differs', () => {
    for (const outcome of [
      { ...told, kind: 'found', reason: 'x', transfers: [at, at] },
      { ...told, kind: 'mismatched', reason: 'answer_differs_from_request', transfer: at },
    ] as CallOutcome[]) {
      const story = new Story();
      story.claim();
      expect(story.hear(outcome)).toBe('none');
      expect(story.state).toMatchObject({ state: 'needs_review', dueAt: null });
    }
  });

  it('fails for good only with the proof that nothing moved: after max_attempts generations', () => {
    const story = new Story({ maxAttempts: 1 });
    [1, 2, 3].forEach(() => story.call(storedError));
    story.later(HOUR).call(empty);
    story.claim();
    story.later(HOUR);
    expect(story.hear(empty)).toBe('released');
    expect(story.state).toMatchObject({
      state: 'failed_terminal',
      reason: 'attempts_exhausted',
      ambiguous: false,
    });
  });

  it('tries what had no effect for 72 hours without counting it, then fails', () => {
    const story = new Story();
    for (let i = 0; i < 50; i++) story.later(HOUR).call(rateLimit);
    expect(story.state).toMatchObject({ state: 'retryable', generationsEnded: 0, generation: 1 });
    story.later(24 * HOUR).call(rateLimit);
    expect(story.state).toMatchObject({ state: 'failed_terminal', reason: 'retry_window_exhausted' });
  });

  it('uses up no attempt while the provider takes no calls: its look-ups prove nothing that was not known', () => {
    const story = new Story();
    while (story.now.getTime() < start.getTime() + 71 * HOUR)
      story.later(HOUR).call(story.transfer.modeAt(story.now, policy) === 'send' ? rateLimit : empty);
    expect(story.state).toMatchObject({ state: 'retryable', generationsEnded: 0 });
    expect(story.state.generation).toBeGreaterThan(3);
    for (let i = 0; i < 2; i++)
      story.later(HOUR).call(story.transfer.modeAt(story.now, policy) === 'send' ? rateLimit : empty);
    expect(story.state).toMatchObject({ state: 'failed_terminal', reason: 'retry_window_exhausted' });
  });

  it('stays without doubt when nothing was in doubt and a look-up fails', () => {
    const story = new Story();
    story.call(rateLimit);
    story.later(policy.safeWindowMs).call(lookUpFailed);
    expect(story.state).toMatchObject({ state: 'retryable', ambiguous: false });
    expect(story.transfer.cancel('not wanted', story.moment())).toBe('released');
  });

  it('asks a person after 72 hours when a call is still unknown, and never fails by itself', () => {
    const story = new Story();
    story.call(timeout);
    story.later(HOUR).call(rateLimit);
    story.later(100 * HOUR).call(lookUpFailed);
    expect(story.state).toMatchObject({
      state: 'needs_review',
      reason: 'retry_window_exhausted',
      ambiguous: true,
      dueAt: null,
    });
  });

  it('is opened again from review only by two empty look-ups: the provider answered once that something moved', () => {
    const story = new Story();
    story.call({ ...told, kind: 'mismatched', reason: 'answer_differs_from_request', transfer: at });
    expect(story.state).toMatchObject({ state: 'needs_review', ambiguous: true });
    expect(story.transfer.provedEmpty(story.now, policy)).not.toBeNull();
    expect(() => story.transfer.reopen('the list is empty', story.moment())).toThrow(TransferInFlight);
    story.later(10 * MINUTE);
    expect(story.transfer.provedEmpty(story.now, policy)).not.toBeNull();
    story.later(10 * MINUTE);
    expect(story.transfer.provedEmpty(story.now, policy)).toBeNull();
  });

  it('is opened again on the manual rail for a person to confirm, never for a worker to send', () => {
    const story = new Story({ rail: 'manual', state: 'awaiting_confirmation', dueAt: null });
    story.transfer.confirmFailed('bounced', story.moment());
    expect(story.transfer.reopen('account mended', story.moment())).toEqual({ reserve: true });
    expect(story.state).toMatchObject({ state: 'awaiting_confirmation', dueAt: null, opening: 2 });
    expect(story.transfer.confirmPaid('bank-1', 'sent', story.moment())).toBe('completed');
  });

  it('keeps its attempts when our key is wrong', () => {
    const story = new Story();
    story.call({ ...told, kind: 'misconfigured', reason: 'stripe_permission_error' });
    expect(story.state).toMatchObject({ state: 'retryable', generationsEnded: 0, dueAt: story.now });
  });

  it('looks up after a key conflict instead of sending by itself', () => {
    const story = new Story();
    story.call({ ...told, kind: 'key_conflict', reason: 'stripe_invalid_request' });
    expect(story.state.state).toBe('unknown');
    expect(story.later(HOUR).claim()).toBe('look_up');
  });

  it('does not believe a permanent refusal while an earlier call is unknown', () => {
    const story = new Story();
    story.call(timeout);
    story.later(HOUR).call({ ...told, kind: 'rejected', reason: 'stripe_invalid_request' });
    expect(story.state.state).toBe('unknown');
    const clean = new Story();
    clean.claim();
    expect(clean.hear({ ...told, kind: 'rejected', reason: 'stripe_invalid_request' })).toBe('released');
  });

  it('has nowhere to go without a connected account, and makes no call', () => {
    const story = new Story();
    expect(story.claim({ destination: null })).toBeNull();
    expect(story.state).toMatchObject({
      state: 'failed_terminal',
      reason: 'DESTINATION_ACCOUNT_MISSING',
      attempts: 0,
    });
  });

  it('knows its lease by the token', () => {
    const story = new Story();
    story.claim();
    expect(story.transfer.holdsLease('lease-1')).toBe(true);
    story.later(policy.leaseMs).claim();
    expect(story.transfer.holdsLease('lease-1')).toBe(false);
  });

  it('accepts a late success after it failed, and never changes once it is completed', () => {
    const story = new Story({ state: 'failed_terminal', reason: 'attempts_exhausted', dueAt: null });
    expect(story.transfer.complete(at, story.moment())).toBe('completed_late');
    expect(story.transfer.complete({ ...at, id: 'tr_2' }, story.moment())).toBe('none');
    expect(story.state).toMatchObject({ state: 'completed', providerTransferId: 'tr_1' });
    expect(() => story.transfer.cancel('too late', story.moment())).toThrow(InvalidTransition);
  });

  it('stays cancelled', () => {
    const story = new Story();
    expect(story.transfer.cancel('not wanted', story.moment())).toBe('released');
    expect(story.transfer.complete(at, story.moment())).toBe('none');
    expect(story.state.state).toBe('cancelled');
    expect(() => story.claim()).toThrow(InvalidTransition);
  });

  it('is opened again under the next key, and only when nothing is unknown', () => {
    const failed = new Story({
      state: 'failed_terminal',
      reason: 'stripe_invalid_account',
      generation: 1,
      dueAt: null,
    });
    expect(failed.transfer.reopen('account mended', failed.moment())).toEqual({ reserve: true });
    expect(failed.state).toMatchObject({ state: 'pending', opening: 2, generation: 1 });
    failed.claim();
    expect(failed.state.frozen?.key).toBe('transfer:t1:g2');
    const review = new Story({
      state: 'needs_review',
      reason: 'x',
      generation: 1,
      dueAt: null,
      ambiguous: true,
    });
    expect(() => review.transfer.reopen('please', review.moment())).toThrow(TransferInFlight);
  });
});
