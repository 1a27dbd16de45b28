import { inTheWay, leftOver } from './in-the-way';

const ACTIVE = [{ status: 'active', paused_reason: null }];
const HALF_PAID = {
  completed: 20_000,
  failed_terminal: 3,
  needs_review: 900,
  pending: 206,
  waiting_for_funds: 14,
};

describe('what stands in the way of a demonstration', () => {
  it('is nothing on a first start, nor after a second one with its predecessor half paid', () => {
    expect(inTheWay({ counts: {}, toBeExpanded: 0, accounts: [] })).toBeNull();
    expect(inTheWay({ counts: HALF_PAID, toBeExpanded: 1, accounts: ACTIVE })).toBeNull();
  });

  it('is a large settlement that is still being paid', () => {
    expect(inTheWay({ counts: { pending: 19_800, processing: 20 }, toBeExpanded: 0, accounts: ACTIVE })).toBe(
      '19820 transfers of earlier settlements are under way, and come first',
    );
  });

  it('is an account that somebody paused', () => {
    const accounts = [...ACTIVE, { status: 'paused', paused_reason: 'wrong amounts' }];
    expect(inTheWay({ counts: {}, toBeExpanded: 0, accounts })).toBe(
      'its Stripe account is paused (wrong amounts)',
    );
  });
});

describe('what is waited for before the faults are scripted', () => {
  it('is every transfer that would meet them in place of the new ones, and every settlement that is about to have some', () => {
    expect(leftOver({ counts: HALF_PAID, toBeExpanded: 0, accounts: ACTIVE })).toBe(
      'pending 206, waiting_for_funds 14',
    );
    expect(leftOver({ counts: {}, toBeExpanded: 1, accounts: ACTIVE })).toBe('settlements to expand 1');
  });

  it('is nothing that only a person can move', () => {
    expect(
      leftOver({
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
