import { inTheWay } from './in-the-way';

const ACTIVE = [{ status: 'active', paused_reason: null }];

describe('what stands in the way of a demonstration', () => {
  it('is nothing on a first start, nor after a second one with its predecessor half paid', () => {
    expect(inTheWay({ counts: {}, accounts: [] })).toBeNull();
    expect(inTheWay({ counts: { completed: 20_000, failed_terminal: 3, needs_review: 900, pending: 206, waiting_for_funds: 14 }, accounts: ACTIVE })).toBeNull();
  });

  it('is a large settlement that is still being paid', () => {
    expect(inTheWay({ counts: { pending: 19_800, processing: 20 }, accounts: ACTIVE })).toBe('19820 transfers of earlier settlements are under way, and come first');
  });

  it('is an account that somebody paused', () => {
    expect(inTheWay({ counts: {}, accounts: [...ACTIVE, { status: 'paused', paused_reason: 'wrong amounts' }] })).toBe('its Stripe account is paused (wrong amounts)');
  });
});
