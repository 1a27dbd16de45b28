import {
  type AccountOpening,
  accountOpened,
  afterCall,
  beginOpening,
  claimOpening,
  isBeingCalled,
  lookUpFrom,
  type OpeningOutcome,
  type OpeningPolicy,
  sendBefore,
} from './account-opening';

const MINUTE = 60_000;
const policy: OpeningPolicy = {
  safeWindowMs: 12 * 60 * MINUTE,
  quarantineMs: 10 * MINUTE,
  leaseMs: 75_000,
  callDeadlineMs: 30_000,
};
const start = new Date('2025-11-21T08:00:00Z');
const at = (minutes: number) => new Date(start.getTime() + minutes * MINUTE);

const fresh = beginOpening(
  { recipientId: 'r', railAccountId: 'rail', apiVersion: 'v', country: 'US', type: 'INDIVIDUAL' },
  't',
  1,
);
const claim = (opening: AccountOpening, minutes: number) =>
  claimOpening(opening, `lease-${minutes}`, at(minutes), policy);
const told = { reason: 'told', providerCode: null, providerRequestId: null };
type Failure = Exclude<OpeningOutcome<never>, { kind: 'opened' }>;
const unknown: Failure = { ...told, kind: 'unknown', stored: false };
const stored: Failure = { ...told, kind: 'unknown', stored: true };
const after = (opening: AccountOpening, outcome: Failure, minutes: number) =>
  afterCall(opening, outcome, at(minutes), policy);
/** Claims and fails, once per outcome, a minute apart. */
const tried = (outcomes: Failure[]) =>
  outcomes.reduce((opening, outcome, n) => after(claim(opening, n), outcome, n), fresh);

describe('opening a connected account', () => {
  it('freezes its key, and whose account it will be, when it begins', () => {
    expect(fresh).toMatchObject({
      key: 'account:r:g1',
      metadata: { disburse_tenant: 't', disburse_recipient: 'r' },
      state: 'open',
      calls: 0,
    });
  });

  it('is called by one at a time, until the lease runs out', () => {
    const claimed = claim(fresh, 0);
    expect([
      isBeingCalled(fresh, at(0)),
      isBeingCalled(claimed, at(1)),
      isBeingCalled(claimed, at(2)),
    ]).toEqual([false, true, false]);
    expect(sendBefore(claimed, policy)).toEqual(new Date(start.getTime() + 45_000));
    expect(isBeingCalled(after(claimed, unknown, 0), at(0))).toBe(false);
  });

  it('keeps its key while an answer is missing, and is in doubt when its caller vanished', () => {
    const again = claim(claim(fresh, 0), 2);
    expect(again).toMatchObject({
      key: 'account:r:g1',
      generation: 1,
      calls: 2,
      callKind: 'create',
      ambiguous: true,
      firstSentAt: at(0),
    });
    expect(claim(tried([{ ...told, kind: 'no_effect' }]), 2)).toMatchObject({
      callKind: 'create',
      ambiguous: false,
    });
  });

  it('is looked up past the safe window, and after three stored 500s', () => {
    expect(claim(tried([unknown]), 12 * 60 - 1).callKind).toBe('create');
    expect(claim(tried([unknown]), 12 * 60).callKind).toBe('look_up');
    expect(claim(tried([stored, stored]), 3).callKind).toBe('create');
    expect(claim(tried([stored, stored, stored]), 4).callKind).toBe('look_up');
    expect(sendBefore(claim(tried([unknown]), 12 * 60 - 0.25), policy)).toEqual(at(12 * 60));
  });

  it('ends with a refusal only when no earlier call may have had an effect', () => {
    const refused: Failure = { ...told, kind: 'refused' };
    expect(tried([refused])).toMatchObject({ state: 'refused', ambiguous: false });
    const doubted = tried([unknown, refused]);
    expect([doubted.state, claim(doubted, 3).callKind]).toEqual(['open', 'look_up']);
    expect(claim(tried([{ ...told, kind: 'key_conflict' }]), 3)).toMatchObject({
      callKind: 'look_up',
      ambiguous: true,
    });
  });

  it('ends empty after two empty look-ups, each a quarantine after what came before', () => {
    const nothing: Failure = { ...told, kind: 'nothing_found' };
    const look = (opening: AccountOpening, minutes: number) =>
      after(claim(opening, minutes), nothing, minutes);
    const sent = tried([stored, stored, stored]);
    const early = look(sent, 11);
    expect([early.state, early.lookUpEmptyAt, lookUpFrom(early, policy)]).toEqual(['open', null, at(12)]);
    const first = look(early, 12);
    expect([first.state, first.lookUpEmptyAt, lookUpFrom(first, policy)]).toEqual(['open', at(12), at(22)]);
    expect(look(first, 21)).toMatchObject({ state: 'open', ambiguous: true });
    expect(look(first, 22)).toMatchObject({ state: 'empty', ambiguous: false });
    expect(look(tried([{ ...told, kind: 'no_effect' }]), 12 * 60)).toMatchObject({ state: 'empty' });
  });

  it('takes a success whoever brings it, and keeps the first account', () => {
    const opened = accountOpened(tried([unknown]), 'acct_1');
    expect(opened).toMatchObject({
      state: 'opened',
      stripeAccountId: 'acct_1',
      ambiguous: false,
      leaseToken: null,
    });
    expect(accountOpened(opened, 'acct_2').stripeAccountId).toBe('acct_1');
  });
});
