import { obstacleOf, unfinishedWork } from './obstacles';

const ACTIVE = [{ status: 'active', paused_reason: null }];
const HALF_PAID = {
  completed: 20_000,
  failed_terminal: 3,
  needs_review: 900,
  pending: 206,
  waiting_for_funds: 14,
};

describe('obstacleOf', () => {
  it('returns null on a first start and after a partly paid earlier one', () => {
    expect(obstacleOf({ counts: {}, toBeExpanded: 0, accounts: [] })).toBeNull();
    expect(obstacleOf({ counts: HALF_PAID, toBeExpanded: 1, accounts: ACTIVE })).toBeNull();
  });

  it('returns a large settlement that is still being paid', () => {
    expect(
      obstacleOf({ counts: { pending: 19_800, processing: 20 }, toBeExpanded: 0, accounts: ACTIVE }),
    ).toBe('19820 transfers of earlier settlements are under way, and come first');
  });

  it('returns a paused account', () => {
    const accounts = [...ACTIVE, { status: 'paused', paused_reason: 'wrong amounts' }];
    expect(obstacleOf({ counts: {}, toBeExpanded: 0, accounts })).toBe(
      'its Stripe account is paused (wrong amounts)',
    );
  });
});

describe('unfinishedWork', () => {
  it('returns open transfers and settlements that are not expanded', () => {
    expect(unfinishedWork({ counts: HALF_PAID, toBeExpanded: 0, accounts: ACTIVE })).toBe(
      'pending 206, waiting_for_funds 14',
    );
    expect(unfinishedWork({ counts: {}, toBeExpanded: 1, accounts: ACTIVE })).toBe('settlements to expand 1');
  });

  it('ignores transfers that only an operator can continue', () => {
    expect(
      unfinishedWork({
        counts: {
          completed: 220,
          needs_review: 1,
          awaiting_confirmation: 3,
          blocked_recipient: 2,
          cancelled: 1,
        },
        toBeExpanded: 0,
        accounts: ACTIVE,
      }),
    ).toBeNull();
  });
});
