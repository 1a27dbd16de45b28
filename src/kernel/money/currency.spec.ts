import { CURRENCIES, InvalidCurrency, currencyOf, exponentOf, quantumOf } from '.';

describe('currencies', () => {
  it('reads a code in any case', () => {
    expect(currencyOf('usd')).toBe('USD');
    expect(currencyOf('Uah')).toBe('UAH');
  });

  it.each([
    '',
    'US',
    'USDT',
    'XXX',
    'BTC',
    ' USD',
    'USD ',
    'USD\n',
    'ısk',
    'ＵＳＤ',
    '840',
    null,
    undefined,
    840,
    ['USD'],
  ])('refuses %p', (text) => {
    expect(() => currencyOf(text)).toThrow(InvalidCurrency);
  });

  it('lists every currency once, each of them readable and with a quantum below one whole unit or equal to it', () => {
    expect(new Set(CURRENCIES).size).toBe(CURRENCIES.length);
    expect(CURRENCIES.length).toBeGreaterThan(135);
    for (const currency of CURRENCIES) {
      expect(currencyOf(currency)).toBe(currency);
      const unit = 10n ** BigInt(exponentOf(currency));
      expect(unit % quantumOf(currency)).toBe(0n);
    }
  });

  it.each([
    ['USD', 2, 1n],
    ['EUR', 2, 1n],
    ['UAH', 2, 1n],
    ['JPY', 0, 1n],
    ['KRW', 0, 1n],
    ['MGA', 0, 1n],
    ['XPF', 0, 1n],
    ['BHD', 3, 10n],
    ['JOD', 3, 10n],
    ['KWD', 3, 10n],
    ['OMR', 3, 10n],
    ['TND', 3, 10n],
    ['ISK', 2, 100n],
    ['UGX', 2, 100n],
    ['HUF', 2, 100n],
    ['TWD', 2, 100n],
  ] as const)('%s has %d decimals and moves in steps of %s minor units', (code, exponent, quantum) => {
    const currency = currencyOf(code);
    expect(exponentOf(currency)).toBe(exponent);
    expect(quantumOf(currency)).toBe(quantum);
  });

  it('counts as zero-decimal exactly what the provider counts as zero-decimal', () => {
    const zero = CURRENCIES.filter((currency) => exponentOf(currency) === 0);
    expect(zero.join(' ')).toBe('BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF');
  });
});
