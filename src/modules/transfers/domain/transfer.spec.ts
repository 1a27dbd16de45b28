import { nextCallKind } from '../../../kernel/provider-calls';
import { CREATED_AT, pendingTransfer } from '../../../../test/support/transfer-snapshot';
import { InvalidTransition } from '../../../kernel/errors';
import { TransferInFlight } from '../contract';
import type { CallOutcome, ProviderTransfer } from './call-outcome';
import type { TransferPolicy } from './policy';
import type { Claim, Moment } from './after-call';
import { Transfer } from './transfer';
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
const start = CREATED_AT;
const details = { httpStatus: null, providerCode: null, providerRequestId: null };
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
  ...details,
  kind: 'unknown',
  reason: 'stripe_timeout',
  stored: false,
  soon: false,
};
const storedError: CallOutcome = {
  ...details,
  kind: 'unknown',
  reason: 'stripe_server_error',
  stored: true,
  soon: false,
};
const rateLimit: CallOutcome = { ...details, kind: 'no_effect', reason: 'stripe_rate_limit' };
const empty: CallOutcome = { ...details, kind: 'found', reason: 'look_up_empty', found: [] };
const lookUpFailed: CallOutcome = { ...details, kind: 'look_up_failed', reason: 'stripe_connection_error' };
const noFunds: CallOutcome = { ...details, kind: 'refused', reason: 'insufficient_funds', fix: 'funds' };

/** One transfer and a clock; claims and outcomes follow one another. */
class Hihistory {
  now = start;
  transfer: Transfer;
  private leases = 0;

  constructor(over: Partial<TransferSnapshot> = {}) {
    this.transfer = Transfer.rehydrate(pendingTransfer(over));
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

  receive(outcome: CallOutcome) {
    return outcome.kind === 'succeeded'
      ? this.transfer.complete(outcome.created, this.moment())
      : this.transfer.record(outcome, this.moment(), policy);
  }

  call(outcome: CallOutcome) {
    const kind = this.claim();
    this.receive(outcome);
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
  it("is sent under one key and stores the provider's id", () => {
    const history = new Hihistory();
    expect(history.claim()).toBe('send');
    expect(history.state).toMatchObject({
      state: 'processing',
      generation: 1,
      attempts: 1,
      frozen: { key: 'transfer:t1:g1', destination: 'acct_1', amountMinor: '100' },
    });
    expect(history.receive({ ...details, kind: 'succeeded', reason: 'paid', created: at })).toBe('completed');
    expect(history.state).toMatchObject({
      state: 'completed',
      providerTransferId: 'tr_1',
      dueAt: null,
      leaseToken: null,
      callKind: null,
    });
  });

  it('uses the same key and parameters for every call of a generation, also after the destination has changed', () => {
    const history = new Hihistory();
    history.call(timeout);
    const frozen = history.state.frozen;
    history.later(HOUR).claim({ destination: 'acct_other' });
    expect(history.state).toMatchObject({ generation: 1, attempts: 2, frozen });
  });

  it('is unknown, not failed, after a timeout or a server error', () => {
    for (const outcome of [timeout, storedError]) {
      const history = new Hihistory();
      history.call(outcome);
      expect(history.state).toMatchObject({ state: 'unknown', ambiguous: true, generation: 1 });
    }
  });

  it('stays unknown when a 429 follows a timeout, and cannot be cancelled then', () => {
    const history = new Hihistory();
    history.call(timeout);
    history.later(HOUR).call(rateLimit);
    expect(history.state).toMatchObject({ state: 'unknown', ambiguous: true });
    expect(() => history.transfer.cancel('no longer wanted', history.moment())).toThrow(TransferInFlight);
  });

  it('is no longer ambiguous after a refusal of the same key from behind the idempotency layer', () => {
    const history = new Hihistory();
    history.call(timeout);
    history.later(HOUR).call(noFunds);
    expect(history.state).toMatchObject({
      state: 'waiting_for_funds',
      ambiguous: false,
      frozen: null,
      generationsEnded: 0,
      dueAt: null,
    });
    expect(history.later(HOUR).claim()).toBe('send');
    expect(history.state.frozen?.key).toBe('transfer:t1:g2');
  });

  it('is looked up instead of sent again after the safe window', () => {
    const history = new Hihistory();
    history.call(timeout);
    expect(history.later(policy.safeWindowMs - 1).call(timeout)).toBe('send');
    expect(history.later(1).claim()).toBe('look_up');
  });

  it('is looked up after three stored server errors', () => {
    const history = new Hihistory();
    expect([1, 2, 3].map(() => history.later(HOUR).call(storedError))).toEqual(['send', 'send', 'send']);
    expect(history.later(HOUR).claim()).toBe('look_up');
  });

  it('gets a new key only after two empty look-ups, each a quarantine after what came before', () => {
    const history = new Hihistory({ serverErrors: 0 });
    [1, 2, 3].forEach(() => history.call(storedError));
    history.later(MINUTE).call(empty);
    expect(history.state).toMatchObject({ state: 'unknown', lookUpEmptyAt: null });
    history.later(10 * MINUTE).call(empty);
    expect(history.state).toMatchObject({ state: 'unknown', lookUpEmptyAt: history.now });
    history.later(9 * MINUTE).call(empty);
    expect(history.state).toMatchObject({ state: 'unknown', generation: 1 });
    history.later(MINUTE).call(empty);
    expect(history.state).toMatchObject({
      state: 'retryable',
      ambiguous: false,
      frozen: null,
      generationsEnded: 1,
    });
    expect(history.claim()).toBe('send');
    expect(history.state.frozen?.key).toBe('transfer:t1:g2');
  });

  it('is ambiguous when the lease of a send runs out', () => {
    const history = new Hihistory();
    history.claim();
    const leaseEnd = history.state.leaseUntil as Date;
    history.now = leaseEnd;
    expect(history.claim()).toBe('send');
    expect(history.state).toMatchObject({
      ambiguous: true,
      generation: 1,
      attempts: 2,
      leaseToken: 'lease-2',
    });
  });

  it('is completed by what a look-up finds', () => {
    const history = new Hihistory();
    [1, 2, 3].forEach(() => history.call(storedError));
    history.later(MINUTE).claim();
    expect(history.receive({ ...details, kind: 'found', reason: 'look_up_found', found: [at] })).toBe(
      'completed',
    );
    expect(history.state.providerTransferId).toBe('tr_1');
  });

  it('needs a review when the provider holds several transfers, or one that differs', () => {
    for (const outcome of [
      { ...details, kind: 'found', reason: 'x', found: [at, at] },
      { ...details, kind: 'mismatched', reason: 'answer_differs_from_request', created: at },
    ] as CallOutcome[]) {
      const history = new Hihistory();
      history.claim();
      expect(history.receive(outcome)).toBe('none');
      expect(history.state).toMatchObject({ state: 'needs_review', dueAt: null });
    }
  });

  it('fails after max_attempts generations that are proved to have moved nothing', () => {
    const history = new Hihistory({ maxAttempts: 1 });
    [1, 2, 3].forEach(() => history.call(storedError));
    history.later(HOUR).call(empty);
    history.claim();
    history.later(HOUR);
    expect(history.receive(empty)).toBe('released');
    expect(history.state).toMatchObject({
      state: 'failed_terminal',
      reason: 'attempts_exhausted',
      ambiguous: false,
    });
  });

  it('retries calls without effect for 72 hours without counting them, then fails', () => {
    const history = new Hihistory();
    for (let i = 0; i < 50; i++) history.later(HOUR).call(rateLimit);
    expect(history.state).toMatchObject({ state: 'retryable', generationsEnded: 0, generation: 1 });
    history.later(24 * HOUR).call(rateLimit);
    expect(history.state).toMatchObject({ state: 'failed_terminal', reason: 'retry_window_exhausted' });
  });

  it('counts no generation whose calls all had no effect', () => {
    const history = new Hihistory();
    while (history.now.getTime() < start.getTime() + 71 * HOUR)
      history
        .later(HOUR)
        .call(nextCallKind(history.state, history.now, policy) === 'send' ? rateLimit : empty);
    expect(history.state).toMatchObject({ state: 'retryable', generationsEnded: 0 });
    expect(history.state.generation).toBeGreaterThan(3);
    for (let i = 0; i < 2; i++)
      history
        .later(HOUR)
        .call(nextCallKind(history.state, history.now, policy) === 'send' ? rateLimit : empty);
    expect(history.state).toMatchObject({ state: 'failed_terminal', reason: 'retry_window_exhausted' });
  });

  it('stays unambiguous when a look-up fails', () => {
    const history = new Hihistory();
    history.call(rateLimit);
    history.later(policy.safeWindowMs).call(lookUpFailed);
    expect(history.state).toMatchObject({ state: 'retryable', ambiguous: false });
    expect(history.transfer.cancel('not wanted', history.moment())).toBe('released');
  });

  it('needs a review, and does not fail, when a call is still unknown after 72 hours', () => {
    const history = new Hihistory();
    history.call(timeout);
    history.later(HOUR).call(rateLimit);
    history.later(100 * HOUR).call(lookUpFailed);
    expect(history.state).toMatchObject({
      state: 'needs_review',
      reason: 'retry_window_exhausted',
      ambiguous: true,
      dueAt: null,
    });
  });

  it('is re-opened from review only after two empty look-ups', () => {
    const history = new Hihistory();
    history.call({ ...details, kind: 'mismatched', reason: 'answer_differs_from_request', created: at });
    expect(history.state).toMatchObject({ state: 'needs_review', ambiguous: true });
    expect(history.transfer.recordEmptyLookUp(history.now, policy)).not.toBeNull();
    expect(() => history.transfer.reopen('the list is empty', history.moment())).toThrow(TransferInFlight);
    history.later(10 * MINUTE);
    expect(history.transfer.recordEmptyLookUp(history.now, policy)).not.toBeNull();
    history.later(10 * MINUTE);
    expect(history.transfer.recordEmptyLookUp(history.now, policy)).toBeNull();
  });

  it('waits for confirmation, not for a worker, when it is re-opened on the manual rail', () => {
    const history = new Hihistory({ rail: 'manual', state: 'awaiting_confirmation', dueAt: null });
    history.transfer.confirmFailed('bounced', history.moment());
    expect(history.transfer.reopen('account mended', history.moment())).toEqual({ reserve: true });
    expect(history.state).toMatchObject({ state: 'awaiting_confirmation', dueAt: null, opening: 2 });
    expect(history.transfer.confirmPaid('bank-1', 'sent', history.moment())).toBe('completed');
  });

  it('counts no generation when our API key is wrong', () => {
    const history = new Hihistory();
    history.call({ ...details, kind: 'misconfigured', reason: 'stripe_permission_error' });
    expect(history.state).toMatchObject({ state: 'retryable', generationsEnded: 0, dueAt: history.now });
  });

  it('is looked up after a key conflict', () => {
    const history = new Hihistory();
    history.call({ ...details, kind: 'key_conflict', reason: 'stripe_invalid_request' });
    expect(history.state.state).toBe('unknown');
    expect(history.later(HOUR).claim()).toBe('look_up');
  });

  it('does not fail by a permanent rejection while an earlier call is unknown', () => {
    const history = new Hihistory();
    history.call(timeout);
    history.later(HOUR).call({ ...details, kind: 'rejected', reason: 'stripe_invalid_request' });
    expect(history.state.state).toBe('unknown');
    const clean = new Hihistory();
    clean.claim();
    expect(clean.receive({ ...details, kind: 'rejected', reason: 'stripe_invalid_request' })).toBe(
      'released',
    );
  });

  it('fails without a call when the recipient has no connected account', () => {
    const history = new Hihistory();
    expect(history.claim({ destination: null })).toBeNull();
    expect(history.state).toMatchObject({
      state: 'failed_terminal',
      reason: 'DESTINATION_ACCOUNT_MISSING',
      attempts: 0,
    });
  });

  it('is leased under one token at a time', () => {
    const history = new Hihistory();
    history.claim();
    expect(history.transfer.holdsLease('lease-1')).toBe(true);
    history.later(policy.leaseMs).claim();
    expect(history.transfer.holdsLease('lease-1')).toBe(false);
  });

  it('accepts a late success after it failed, and never changes once it is completed', () => {
    const history = new Hihistory({ state: 'failed_terminal', reason: 'attempts_exhausted', dueAt: null });
    expect(history.transfer.complete(at, history.moment())).toBe('completed_late');
    expect(history.transfer.complete({ ...at, id: 'tr_2' }, history.moment())).toBe('none');
    expect(history.state).toMatchObject({ state: 'completed', providerTransferId: 'tr_1' });
    expect(() => history.transfer.cancel('too late', history.moment())).toThrow(InvalidTransition);
  });

  it('stays cancelled', () => {
    const history = new Hihistory();
    expect(history.transfer.cancel('not wanted', history.moment())).toBe('released');
    expect(history.transfer.complete(at, history.moment())).toBe('none');
    expect(history.state.state).toBe('cancelled');
    expect(() => history.claim()).toThrow(InvalidTransition);
  });

  it('is re-opened under the next key, and only when no call is unknown', () => {
    const failed = new Hihistory({
      state: 'failed_terminal',
      reason: 'stripe_invalid_account',
      generation: 1,
      dueAt: null,
    });
    expect(failed.transfer.reopen('account mended', failed.moment())).toEqual({ reserve: true });
    expect(failed.state).toMatchObject({ state: 'pending', opening: 2, generation: 1 });
    failed.claim();
    expect(failed.state.frozen?.key).toBe('transfer:t1:g2');
    const review = new Hihistory({
      state: 'needs_review',
      reason: 'x',
      generation: 1,
      dueAt: null,
      ambiguous: true,
    });
    expect(() => review.transfer.reopen('please', review.moment())).toThrow(TransferInFlight);
  });
});
