import { defaultMethodOf, defaultRailOf, type PaymentMeans, paymentMethodsOf } from './payment-method';

const BOTH: PaymentMeans = {
  isActive: true,
  hasBankDetails: true,
  transfersCapability: 'active',
  defaultPaymentMethod: null,
};
const BANK: PaymentMeans = { ...BOTH, transfersCapability: null };
const STRIPE: PaymentMeans = { ...BOTH, hasBankDetails: false };
const NONE: PaymentMeans = { ...BANK, hasBankDetails: false };

describe('the ways a recipient is paid', () => {
  it.each([
    [NONE, null],
    [BANK, 'manual_bank_transfer'],
    [STRIPE, 'stripe_connected_account'],
    [BOTH, 'stripe_connected_account'],
    [{ ...BOTH, defaultPaymentMethod: 'manual_bank_transfer' }, 'manual_bank_transfer'],
    [{ ...BOTH, defaultPaymentMethod: 'stripe_connected_account' }, 'stripe_connected_account'],
    [{ ...STRIPE, defaultPaymentMethod: 'manual_bank_transfer' }, 'stripe_connected_account'],
    [{ ...BANK, defaultPaymentMethod: 'stripe_connected_account' }, 'manual_bank_transfer'],
    [{ ...STRIPE, transfersCapability: 'pending' }, 'stripe_connected_account'],
  ] as const)('of %j have the default %s', (means, type) => {
    expect(defaultMethodOf(means)).toBe(type);
    expect(
      paymentMethodsOf(means)
        .filter((method) => method.isDefault)
        .map((method) => method.type),
    ).toEqual(type ? [type] : []);
  });

  it('lead to one rail each', () => {
    expect([NONE, BANK, STRIPE].map(defaultRailOf)).toEqual([null, 'manual', 'stripe']);
  });

  it('say why they cannot be paid by now', () => {
    const reasons = (means: PaymentMeans) => paymentMethodsOf(means).map((method) => method.notPayableReason);
    expect(reasons(BOTH)).toEqual([null, null]);
    expect(reasons({ ...BOTH, isActive: false })).toEqual(['recipient_inactive', 'recipient_inactive']);
    expect(reasons({ ...BOTH, transfersCapability: 'unrequested' })).toEqual([
      'transfers_capability_unrequested',
      null,
    ]);
  });
});
