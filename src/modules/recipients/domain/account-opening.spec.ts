import {
  emptyLookUpCountsFrom,
  isLeased,
  type ProviderCallPolicy,
  sendBefore,
} from '../../../kernel/provider-calls';
import {
  type AccountOpening,
  accountOpened,
  afterCall,
  beginOpening,
  claimOpening,
  openedBy,
  type OpeningOutcome,
} from './account-opening';

const MINUTE = 60_000;
const policy: ProviderCallPolicy = {
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
const details = { reason: 'reason', httpStatus: null, providerCode: null, providerRequestId: null };
const unknown: OpeningOutcome = { ...details, kind: 'unknown', stored: false, soon: false };
const stored: OpeningOutcome = { ...details, kind: 'unknown', stored: true, soon: false };
const after = (opening: AccountOpening, outcome: OpeningOutcome, minutes: number) =>
  afterCall(opening, outcome, at(minutes), policy);
/** Claims and fails, once per outcome, a minute apart. */
const tried = (outcomes: OpeningOutcome[]) =>
  outcomes.reduce((opening, outcome, n) => after(claim(opening, n), outcome, n), fresh);

describe('opening a connected account', () => {
  it('freezes its key and its metadata when it begins', () => {
    expect(fresh).toMatchObject({
      key: 'account:r:g1',
      metadata: { disburse_tenant: 't', disburse_recipient: 'r' },
      state: 'open',
      calls: 0,
    });
  });

  it('is leased to one caller at a time, until the lease runs out', () => {
    const claimed = claim(fresh, 0);
    expect([isLeased(fresh, at(0)), isLeased(claimed, at(1)), isLeased(claimed, at(2))]).toEqual([
      false,
      true,
      false,
    ]);
    expect(sendBefore(claimed, policy)).toEqual(new Date(start.getTime() + 45_000));
    expect(isLeased(after(claimed, unknown, 0), at(0))).toBe(false);
  });

  it('keeps its key while a response is missing, and is ambiguous when its caller vanished', () => {
    const again = claim(claim(fresh, 0), 2);
    expect(again).toMatchObject({
      key: 'account:r:g1',
      generation: 1,
      calls: 2,
      callKind: 'send',
      ambiguous: true,
      firstSentAt: at(0),
    });
    expect(claim(tried([{ ...details, kind: 'no_effect' }]), 2)).toMatchObject({
      callKind: 'send',
      ambiguous: false,
    });
  });

  it('is looked up after the safe window, and after three stored 500s', () => {
    expect(claim(tried([unknown]), 12 * 60 - 1).callKind).toBe('send');
    expect(claim(tried([unknown]), 12 * 60).callKind).toBe('look_up');
    expect(claim(tried([stored, stored]), 3).callKind).toBe('send');
    expect(claim(tried([stored, stored, stored]), 4).callKind).toBe('look_up');
    expect(sendBefore(claim(tried([unknown]), 12 * 60 - 0.25), policy)).toEqual(at(12 * 60));
  });

  it('ends refused only when no earlier call may have had an effect', () => {
    const rejected: OpeningOutcome = { ...details, kind: 'rejected' };
    expect(tried([rejected])).toMatchObject({ state: 'refused', ambiguous: false });
    const ambiguous = tried([unknown, rejected]);
    expect([ambiguous.state, claim(ambiguous, 3).callKind]).toEqual(['open', 'look_up']);
    expect(claim(tried([{ ...details, kind: 'key_conflict' }]), 3)).toMatchObject({
      callKind: 'look_up',
      ambiguous: true,
    });
  });

  it('ends empty after two empty look-ups, each a quarantine after what came before', () => {
    const nothing: OpeningOutcome = { ...details, kind: 'found', found: [] };
    const look = (opening: AccountOpening, minutes: number) =>
      after(claim(opening, minutes), nothing, minutes);
    const countsFrom = (opening: AccountOpening) => emptyLookUpCountsFrom(opening, policy);
    const sent = tried([stored, stored, stored]);
    const early = look(sent, 11);
    expect([early.state, early.lookUpEmptyAt, countsFrom(early)]).toEqual(['open', null, at(12)]);
    const first = look(early, 12);
    expect([first.state, first.lookUpEmptyAt, countsFrom(first)]).toEqual(['open', at(12), at(22)]);
    expect(look(first, 21)).toMatchObject({ state: 'open', ambiguous: true });
    expect(look(first, 22)).toMatchObject({ state: 'empty', ambiguous: false });
    expect(look(tried([{ ...details, kind: 'no_effect' }]), 12 * 60)).toMatchObject({ state: 'empty' });
  });

  it('accepts a success from any call, and keeps the first account', () => {
    const opened = accountOpened(tried([unknown]), 'acct_1');
    expect(opened).toMatchObject({
      state: 'opened',
      stripeAccountId: 'acct_1',
      ambiguous: false,
      leaseToken: null,
    });
    expect(accountOpened(opened, 'acct_2').stripeAccountId).toBe('acct_1');
  });

  it('takes the oldest account when a look-up finds several', () => {
    const [oldest, other] = ['acct_1', 'acct_2'].map((stripeAccountId) => ({
      stripeAccountId,
      transfersCapability: 'inactive' as const,
    }));
    expect(openedBy({ ...details, kind: 'found', found: [oldest!, other!] })).toBe(oldest);
    expect(openedBy({ ...details, kind: 'found', found: [] })).toBeNull();
  });
});
