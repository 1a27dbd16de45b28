import { currencyOf } from '../../../kernel/money';
import type { TenantSettings } from '../contract';
import { changed } from './settings';

const [EUR, JPY, USD] = ['EUR', 'JPY', 'USD'].map(currencyOf) as [
  ReturnType<typeof currencyOf>,
  ReturnType<typeof currencyOf>,
  ReturnType<typeof currencyOf>,
];
const before: TenantSettings = {
  allowedCurrencies: [EUR, USD],
  maxAttempts: 3,
  approvalAbove: new Map([[USD, 1_000_00n]]),
};
const change = { allowedCurrencies: ['usd', 'JPY', 'EUR'], maxAttempts: 5 };

describe('changed settings', () => {
  it('have limits in minor units of their currency, and may have a limit of 0', () => {
    const approvalAbove = [
      { amount: '1000', currency: 'usd' },
      { amount: '0', currency: 'EUR' },
      { amount: '500', currency: 'JPY' },
    ];
    expect(changed(before, { ...change, approvalAbove })).toEqual({
      allowedCurrencies: [EUR, JPY, USD],
      maxAttempts: 5,
      approvalAbove: new Map([
        [EUR, 0n],
        [JPY, 500n],
        [USD, 1_000_00n],
      ]),
    });
  });

  it('keep their limits when the change names none, and lose them when it names an empty list', () => {
    expect(changed(before, change).approvalAbove).toEqual(before.approvalAbove);
    expect(changed(before, { ...change, approvalAbove: [] }).approvalAbove).toEqual(new Map());
  });

  it.each([
    ['in a currency that is not allowed', [{ amount: '1', currency: 'GBP' }], 'GBP'],
    [
      'twice in one currency',
      [
        { amount: '1', currency: 'USD' },
        { amount: '2', currency: 'usd' },
      ],
      'two limits in USD',
    ],
    ['in parts of a yen', [{ amount: '1.5', currency: 'JPY' }], 'JPY allows 0'],
    ['below 0', [{ amount: '-1', currency: 'USD' }], 'carries a sign'],
    ['in no currency', [{ amount: '1', currency: 'XXX' }], 'XXX'],
  ])('have no limit %s', (_what, approvalAbove, message) =>
    expect(() => changed(before, { ...change, approvalAbove })).toThrow(message),
  );

  it('cannot lose a currency that has a limit', () => {
    expect(() => changed(before, { allowedCurrencies: ['EUR'], maxAttempts: 3 })).toThrow('a limit in USD');
  });
});
