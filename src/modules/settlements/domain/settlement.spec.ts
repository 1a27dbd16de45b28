import { currencyOf } from '../../../kernel/money';
import { planGivenAwards } from './plan';
import { Settlement } from './settlement';
import { SETTLEMENT_STATES, type SettlementState } from './settlement-snapshot';

const at = new Date('2026-01-01T00:00:00Z');
const origin = { id: 's1', actor: 'api_key:1', actorChain: ['key-1', 'ann'], at };
const terms = { allowRemainder: true, rail: 'stripe' as const, approvalAbove: null };
const checked = { awardCount: 2, awardsMinor: 800n, resultHash: 'h', approvalAbove: null };
const header = {
  contestId: 'c1',
  currency: 'USD',
  poolMinor: 1_000n,
  platformShareMinor: 100n,
  allowRemainder: true,
  rail: 'stripe' as const,
};

function planned() {
  const awards = [
    { payee: 'ann', amount: 500n, rank: 1 },
    { payee: 'bob', amount: 300n, rank: 2 },
  ];
  return planGivenAwards({
    contestId: 'c1',
    currency: currencyOf('USD'),
    pool: 1_000n,
    platformShare: 100n,
    allowRemainder: true,
    awards,
  });
}

const approval = {
  planHash: planned().hash,
  actor: 'user:bob',
  actorChain: ['bob'],
  since: new Date('2025-12-31T23:59:59Z'),
  at: new Date('2026-01-02T00:00:00Z'),
};

/** Brings a settlement of two awards into a state by its own methods. */
function settlementIn(state: SettlementState): Settlement {
  const settlement =
    state === 'checking' || state === 'rejected' || state === 'recording'
      ? Settlement.receive(header, null, origin)
      : Settlement.record(
          planned(),
          { ...terms, approvalAbove: state === 'awaiting_approval' ? 799n : null },
          origin,
        );
  if (state === 'recording') settlement.accept(checked);
  if (state === 'rejected') settlement.reject({ total: 1, problems: [] });
  if (state === 'cancelling' || state === 'cancelled') settlement.cancel('wrong pool', 'api_key:1', at);
  if (state === 'cancelled') settlement.advanceCancelling(2);
  if (state === 'expanding' || state === 'expanded') settlement.startExpanding();
  if (state === 'expanded') settlement.finishExpanding();
  return settlement;
}

describe('Settlement', () => {
  it('records a plan at once with all its values', () => {
    const settlement = Settlement.record(planned(), terms, origin).snapshot();
    expect(settlement).toMatchObject({
      state: 'recorded',
      awardCount: 2,
      awardsMinor: 800n,
      remainderMinor: 100n,
      recordedThrough: 2,
    });
    expect(settlement.resultHash).toBe(planned().hash);
  });

  it('records a stream with its last chunk', () => {
    const settlement = Settlement.receive(header, null, origin);
    settlement.accept({ ...checked, awardCount: 3 });
    expect(settlement.snapshot()).toMatchObject({ state: 'recording', remainderMinor: 100n });
    settlement.advanceRecording(2, at);
    expect(settlement.snapshot()).toMatchObject({ state: 'recording', recordedThrough: 2, recordedAt: null });
    settlement.advanceRecording(1, at);
    expect(settlement.snapshot()).toMatchObject({ state: 'recorded', recordedThrough: 3, recordedAt: at });
  });

  it('stores the first hundred problems and the total of a rejection', () => {
    const problems = Array.from({ length: 150 }, (_, line) => ({
      code: 'invalid_line' as const,
      message: 'no JSON',
      line,
    }));
    const { state, rejection } = Settlement.receive(header, { total: 7_000, problems }, origin).snapshot();
    expect(state).toBe('rejected');
    expect(rejection?.total).toBe(7_000);
    expect(rejection?.problems).toEqual(problems.slice(0, 100));
  });

  it('is cancelled with its last chunk, with actor and reason', () => {
    const settlement = settlementIn('recorded');
    settlement.cancel('wrong pool', 'api_key:7', at);
    settlement.advanceCancelling(1);
    expect(settlement.snapshot()).toMatchObject({
      state: 'cancelling',
      reversedThrough: 1,
      cancelReason: 'wrong pool',
      cancelledBy: 'api_key:7',
    });
    settlement.advanceCancelling(1);
    expect(settlement.snapshot().state).toBe('cancelled');
  });

  const moves: [string, SettlementState[], SettlementState, (settlement: Settlement) => void][] = [
    ['accept', ['checking'], 'recording', (s) => s.accept(checked)],
    ['reject', ['checking'], 'rejected', (s) => s.reject({ total: 1, problems: [] })],
    ['advanceRecording', ['recording'], 'recorded', (s) => s.advanceRecording(2, at)],
    ['approve', ['awaiting_approval'], 'recorded', (s) => s.approve(approval)],
    ['cancel', ['awaiting_approval', 'recorded'], 'cancelling', (s) => s.cancel('why', 'who', at)],
    ['advanceCancelling', ['cancelling'], 'cancelled', (s) => s.advanceCancelling(2)],
    ['startExpanding', ['recorded'], 'expanding', (s) => s.startExpanding()],
    ['finishExpanding', ['expanding'], 'expanded', (s) => s.finishExpanding()],
  ];
  it.each(moves)(
    'goes by %s from the right states only and names both sides of a error',
    (_name, from, to, move) => {
      for (const state of SETTLEMENT_STATES) {
        const settlement = settlementIn(state);
        if (from.includes(state)) {
          move(settlement);
          expect(settlement.snapshot().state).toBe(to);
        } else {
          const wanted = to === 'cancelling' ? 'cancelled' : to;
          expect(() => move(settlement)).toThrow(
            expect.objectContaining({ code: 'invalid_transition', details: { from: state, to: wanted } }),
          );
          expect(settlement.snapshot().state).toBe(state);
        }
      }
    },
  );

  it.each([
    [800n, 'recorded'],
    [799n, 'awaiting_approval'],
    [0n, 'awaiting_approval'],
    [null, 'recorded'],
  ] as const)(
    'whose awards are 800 waits above the limit only: at %s it is %s, by plan and by stream',
    (approvalAbove, state) => {
      expect(Settlement.record(planned(), { ...terms, approvalAbove }, origin).snapshot().state).toBe(state);
      const streamed = Settlement.receive(header, null, origin);
      streamed.accept({ ...checked, approvalAbove });
      streamed.advanceRecording(2, at);
      expect(streamed.snapshot()).toMatchObject({ state, approvalAbove, recordedAt: at });
    },
  );

  it('stores who approved which plan, and when', () => {
    const settlement = settlementIn('awaiting_approval');
    settlement.approve(approval);
    expect(settlement.snapshot()).toMatchObject({
      approvedBy: 'user:bob',
      approvedActorChain: ['bob'],
      approvedAt: approval.at,
      approvedHash: planned().hash,
    });
    settlement.startExpanding();
    expect(settlement.snapshot().state).toBe('expanding');
  });

  it.each([
    ['the key that made it', ['key-1']],
    ['a key of the same person', ['key-2', 'ann']],
    ['the user who made the key', ['ann']],
    ['an unknown actor', []],
  ])('rejects an approval by %s', (_who, actorChain) => {
    const settlement = settlementIn('awaiting_approval');
    expect(() => settlement.approve({ ...approval, actorChain })).toThrow(
      expect.objectContaining({ code: 'approver_is_maker' }),
    );
    expect(settlement.snapshot()).toMatchObject({ state: 'awaiting_approval', approvedBy: null });
  });

  it.each([
    ['after it was made', new Date(at.getTime() + 1)],
    ['in that very moment', at],
    ['from an unknown time', null],
  ])('rejects an approval by an actor with access %s', (_when, since) => {
    const settlement = settlementIn('awaiting_approval');
    expect(() => settlement.approve({ ...approval, since })).toThrow(
      expect.objectContaining({ code: 'approver_too_new' }),
    );
    expect(settlement.snapshot()).toMatchObject({ state: 'awaiting_approval', approvedBy: null });
  });

  it('rejects every approval if the maker is unknown', () => {
    const settlement = Settlement.rehydrate({
      ...settlementIn('awaiting_approval').snapshot(),
      makerActorChain: [],
    });
    expect(() => settlement.approve(approval)).toThrow(
      expect.objectContaining({ code: 'approver_is_maker' }),
    );
  });

  it('accepts an approval with the hash of its plan only', () => {
    const settlement = settlementIn('awaiting_approval');
    expect(() => settlement.approve({ ...approval, planHash: 'other' })).toThrow(
      expect.objectContaining({
        code: 'plan_changed',
        details: { agreed_plan_hash: 'other', plan_hash: planned().hash },
      }),
    );
    expect(settlement.snapshot().state).toBe('awaiting_approval');
  });

  it('rejects an expansion above the limit without an approval, in any state', () => {
    const waiting = settlementIn('awaiting_approval').snapshot();
    for (const approvedHash of [null, 'of another plan']) {
      const started = Settlement.rehydrate({ ...waiting, state: 'recorded', approvedHash });
      expect(() => started.startExpanding()).toThrow(expect.objectContaining({ code: 'approval_missing' }));
      expect(started.snapshot().state).toBe('recorded');
      const goesOn = Settlement.rehydrate({ ...waiting, state: 'expanding', approvedHash });
      expect(() => goesOn.finishExpanding()).toThrow(expect.objectContaining({ code: 'approval_missing' }));
    }
  });
});
