import type { ProviderCallOutcome } from './call-outcome';
import {
  claimCall,
  emptyLookUpCountsFrom,
  endGeneration,
  holdsLease,
  isLeased,
  type ProviderCall,
  type ProviderCallPolicy,
  recordEmptyLookUp,
  recordOutcome,
  recordSuccess,
  requireProof,
  sendBefore,
  UNSENT,
} from './provider-call';

const MINUTE = 60_000;
const policy: ProviderCallPolicy = {
  safeWindowMs: 720 * MINUTE,
  quarantineMs: 10 * MINUTE,
  leaseMs: 75_000,
  callDeadlineMs: 30_000,
};
type Outcome = ProviderCallOutcome<string>;

const start = new Date('2026-11-20T12:00:00Z').getTime();
const at = (minutes: number) => new Date(start + minutes * MINUTE);
const claim = (call: ProviderCall, minutes: number) =>
  claimCall(call, `lease-${minutes}`, at(minutes), policy);
const details = { reason: 'reason', httpStatus: null, providerCode: null, providerRequestId: null };
const unknown: Outcome = { ...details, kind: 'unknown', stored: false, soon: false };
const stored: Outcome = { ...details, kind: 'unknown', stored: true, soon: false };
const rejected: Outcome = { ...details, kind: 'rejected' };
const keyConflict: Outcome = { ...details, kind: 'key_conflict' };
const WITHOUT_PROOF: Outcome[] = [
  { ...details, kind: 'no_effect' },
  { ...details, kind: 'misconfigured' },
  { ...details, kind: 'look_up_failed' },
  { ...details, kind: 'found', found: [] },
];
/** One call per outcome, a minute apart. */
const after = (...outcomes: Outcome[]) =>
  outcomes.reduce<ProviderCall>((call, outcome, n) => recordOutcome(claim(call, n), outcome, at(n)), UNSENT);

describe('the calls of one generation', () => {
  it('are leased to one caller at a time, until the lease runs out', () => {
    const claimed = claim(UNSENT, 0);
    expect(claimed).toMatchObject({ callKind: 'send', firstSentAt: at(0), lastSentAt: claimed.leaseUntil });
    expect([isLeased(UNSENT, at(0)), isLeased(claimed, at(1)), isLeased(claimed, at(2))]).toEqual([
      false,
      true,
      false,
    ]);
    expect([holdsLease(claimed, 'lease-0'), holdsLease(claimed, 'lease-1')]).toEqual([true, false]);
    expect(holdsLease(recordOutcome(claimed, unknown, at(0)), 'lease-0')).toBe(false);
  });

  it('must start a call deadline before the lease ends, and a send within the safe window', () => {
    expect(sendBefore(claim(UNSENT, 0), policy)).toEqual(at(0.75));
    expect(sendBefore(claim(after(unknown), 719.75), policy)).toEqual(at(720));
    expect(sendBefore(claim(after(unknown), 721), policy)).toEqual(at(721.75));
  });

  it('send the key again within the safe window, and look it up afterwards', () => {
    expect(claim(after(unknown), 719).callKind).toBe('send');
    expect(claim(after(unknown), 720)).toMatchObject({ callKind: 'look_up', lastSentAt: at(0) });
  });

  it('look the key up after three stored server errors, after a key conflict and after a late rejection', () => {
    expect(claim(after(stored, stored), 2).callKind).toBe('send');
    expect(claim(after(stored, stored, stored), 3).callKind).toBe('look_up');
    expect(claim(after(keyConflict), 1)).toMatchObject({ callKind: 'look_up', ambiguous: true });
    expect(claim(after(unknown, rejected), 2)).toMatchObject({ callKind: 'look_up', ambiguous: true });
    expect(claim(after(rejected), 1)).toMatchObject({ callKind: 'send', ambiguous: false });
  });

  it('are ambiguous when the lease of a send ran out, not when that of a look-up did', () => {
    expect(claim(claim(UNSENT, 0), 2).ambiguous).toBe(true);
    const lookingUp = claim(after(WITHOUT_PROOF[0]!), 720);
    expect(claim(lookingUp, 722)).toMatchObject({ callKind: 'look_up', ambiguous: false });
  });

  it.each(WITHOUT_PROOF)('stay as ambiguous as they were after $kind', (outcome) => {
    expect(recordOutcome(claim(after(unknown), 1), outcome, at(1)).ambiguous).toBe(true);
    expect(recordOutcome(claim(UNSENT, 1), outcome, at(1)).ambiguous).toBe(false);
  });

  it('are settled by a response from behind the idempotency layer', () => {
    const ambiguous = claim(after(unknown), 1);
    expect(recordOutcome(ambiguous, { ...details, kind: 'refused' }, at(1)).ambiguous).toBe(false);
    expect(recordOutcome(ambiguous, { ...details, kind: 'succeeded', created: 'x' }, at(1)).ambiguous).toBe(
      false,
    );
    expect(recordSuccess(ambiguous)).toMatchObject({ ambiguous: false, leaseToken: null });
  });

  it('are settled by two empty look-ups, each a quarantine after what came before', () => {
    const look = (call: ProviderCall, minutes: number) => recordEmptyLookUp(call, at(minutes), policy);
    const early = look(after(unknown), 9);
    expect([early.lookUpEmptyAt, emptyLookUpCountsFrom(early, policy)]).toEqual([null, at(10)]);
    const first = look(early, 10);
    expect([first.lookUpEmptyAt, emptyLookUpCountsFrom(first, policy)]).toEqual([at(10), at(20)]);
    expect(look(first, 19)).toEqual(first);
    expect(look(first, 20).ambiguous).toBe(false);
    const sentAgain = { ...first, lastSentAt: at(15) };
    expect([look(sentAgain, 20).ambiguous, look(sentAgain, 25).ambiguous]).toEqual([true, false]);
  });

  it('need two more empty look-ups when something unexpected was found', () => {
    const first = recordEmptyLookUp(after(unknown), at(10), policy);
    const mismatched = recordOutcome(
      claim(first, 720),
      { ...details, kind: 'mismatched', created: 'x' },
      at(720),
    );
    for (const call of [requireProof(first), mismatched])
      expect(call).toMatchObject({ ambiguous: true, lookUpEmptyAt: null, leaseToken: null });
  });

  it('cannot be followed by a new generation while one of them is ambiguous', () => {
    expect(() => endGeneration(after(unknown))).toThrow('ambiguous');
    expect(endGeneration(after(rejected))).toMatchObject({ firstSentAt: null, serverErrors: 0 });
  });
});
