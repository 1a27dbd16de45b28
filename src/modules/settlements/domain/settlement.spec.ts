import { currencyOf } from '../../../kernel/money';
import { planGivenAwards } from './plan';
import { Settlement, SETTLEMENT_STATES, type SettlementState } from './settlement';

const at = new Date('2026-01-01T00:00:00Z');
const origin = { id: 's1', actor: 'api_key:1', at };
const header = { contestId: 'c1', currency: 'USD', poolMinor: 1_000n, platformShareMinor: 100n, allowRemainder: true, rail: 'stripe' as const };

function planned() {
  const awards = [{ payee: 'ann', amount: 500n, rank: 1 }, { payee: 'bob', amount: 300n, rank: 2 }];
  return planGivenAwards({ contestId: 'c1', currency: currencyOf('USD'), pool: 1_000n, platformShare: 100n, allowRemainder: true, awards });
}

/** Brings a settlement of two awards into a state by the ways there are. */
function settlementIn(state: SettlementState): Settlement {
  const settlement = state === 'checking' || state === 'rejected' || state === 'recording'
    ? Settlement.receive(header, null, origin)
    : Settlement.record(planned(), header, origin);
  if (state === 'recording') settlement.accept({ awardCount: 2, awardsMinor: 800n, resultHash: 'h' });
  if (state === 'rejected') settlement.reject({ total: 1, problems: [] });
  if (state === 'cancelling' || state === 'cancelled') settlement.cancel('wrong pool', 'api_key:1', at);
  if (state === 'cancelled') settlement.advanceCancelling(2);
  if (state === 'expanding' || state === 'expanded') settlement.startExpanding();
  if (state === 'expanded') settlement.finishExpanding();
  return settlement;
}

describe('a settlement', () => {
  it('of a plan is recorded at once, with everything the plan says', () => {
    const settlement = Settlement.record(planned(), header, origin).snapshot();
    expect(settlement).toMatchObject({ state: 'recorded', awardCount: 2, awardsMinor: 800n, remainderMinor: 100n, recordedThrough: 2 });
    expect(settlement.resultHash).toBe(planned().hash);
  });

  it('of a stream is recorded when its last chunk is', () => {
    const settlement = Settlement.receive(header, null, origin);
    settlement.accept({ awardCount: 3, awardsMinor: 800n, resultHash: 'h' });
    expect(settlement.snapshot()).toMatchObject({ state: 'recording', remainderMinor: 100n });
    settlement.advanceRecording(2, at);
    expect(settlement.snapshot()).toMatchObject({ state: 'recording', recordedThrough: 2, recordedAt: null });
    settlement.advanceRecording(1, at);
    expect(settlement.snapshot()).toMatchObject({ state: 'recorded', recordedThrough: 3, recordedAt: at });
  });

  it('keeps the first hundred problems and the total when it is rejected', () => {
    const problems = Array.from({ length: 150 }, (_, line) => ({ code: 'invalid_line' as const, message: 'no JSON', line }));
    const { state, rejection } = Settlement.receive(header, { total: 7_000, problems }, origin).snapshot();
    expect(state).toBe('rejected');
    expect(rejection?.total).toBe(7_000);
    expect(rejection?.problems).toEqual(problems.slice(0, 100));
  });

  it('is cancelled when its last chunk is taken back, and says who and why', () => {
    const settlement = settlementIn('recorded');
    settlement.cancel('wrong pool', 'api_key:7', at);
    settlement.advanceCancelling(1);
    expect(settlement.snapshot()).toMatchObject({ state: 'cancelling', reversedThrough: 1, cancelReason: 'wrong pool', cancelledBy: 'api_key:7' });
    settlement.advanceCancelling(1);
    expect(settlement.snapshot().state).toBe('cancelled');
  });

  const moves: [string, SettlementState[], SettlementState, (settlement: Settlement) => void][] = [
    ['accept', ['checking'], 'recording', (s) => s.accept({ awardCount: 1, awardsMinor: 1n, resultHash: 'h' })],
    ['reject', ['checking'], 'rejected', (s) => s.reject({ total: 1, problems: [] })],
    ['advanceRecording', ['recording'], 'recorded', (s) => s.advanceRecording(2, at)],
    ['cancel', ['recorded'], 'cancelling', (s) => s.cancel('why', 'who', at)],
    ['advanceCancelling', ['cancelling'], 'cancelled', (s) => s.advanceCancelling(2)],
    ['startExpanding', ['recorded'], 'expanding', (s) => s.startExpanding()],
    ['finishExpanding', ['expanding'], 'expanded', (s) => s.finishExpanding()],
  ];
  it.each(moves)('goes by %s from the one right state only and names both sides of a refusal', (_name, from, to, move) => {
    for (const state of SETTLEMENT_STATES) {
      const settlement = settlementIn(state);
      if (from.includes(state)) {
        move(settlement);
        expect(settlement.snapshot().state).toBe(to);
      } else {
        const wanted = to === 'cancelling' ? 'cancelled' : to;
        expect(() => move(settlement)).toThrow(expect.objectContaining({ code: 'invalid_transition', details: { from: state, to: wanted } }));
        expect(settlement.snapshot().state).toBe(state);
      }
    }
  });
});
