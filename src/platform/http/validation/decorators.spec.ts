import 'reflect-metadata';
import { plainToInstance } from 'class-transformer';
import { validateSync } from 'class-validator';
import {
  IsAmountText,
  IsBooleanText,
  IsFutureTimestamp,
  IsHttpsUrl,
  IsIntegerText,
  IsMetadata,
  IsTimestamp,
} from './decorators';

function takes(decorate: PropertyDecorator, value: unknown): boolean {
  class Probe {
    value: unknown;
  }
  decorate(Probe.prototype, 'value');
  return validateSync(plainToInstance(Probe, { value })).length === 0;
}

describe('an amount', () => {
  it.each(['0', '1', '100.50', '0.001', '99999999999.99'])('%s is one', (text) =>
    expect(takes(IsAmountText(), text)).toBe(true),
  );
  it.each([
    1,
    1.5,
    '',
    '-1',
    '+1',
    '1.',
    '.5',
    '01',
    '1e3',
    '1,5',
    ' 1',
    '1 ',
    '1\n',
    '0x1',
    'NaN',
    'Infinity',
    '1.0000',
    '123456789012',
    '１',
    null,
    [],
    ['1'],
    {},
    true,
  ])('%j is none', (text) => expect(takes(IsAmountText(), text)).toBe(false));
});

describe('a time', () => {
  it.each([
    '2024-02-29T00:00:00Z',
    '2025-01-31T12:00:00.123456789+05:30',
    '2025-12-31t23:59:59z',
    '2025-12-31T23:59:59-15:59',
  ])('%s is one', (text) => expect(takes(IsTimestamp(), text)).toBe(true));
  it.each([
    '2025-02-29T00:00:00Z',
    '2024-02-30T00:00:00Z',
    '2024',
    '2024-01-01',
    '2024-01-01T00:00:00',
    '2024-13-01T00:00:00Z',
    '2024-01-01T24:00:00Z',
    '2024-01-01T00:60:00Z',
    '2024-01-01T00:00:00+16:00',
    '0000-01-01T00:00:00Z',
    'now',
    'infinity',
    0,
    null,
  ])('%j is none', (text) => expect(takes(IsTimestamp(), text)).toBe(false));
});

describe('a time to come', () => {
  const inMs = (ms: number) => new Date(Date.now() + ms).toISOString();
  it.each([inMs(60_000), '2099-12-31T23:59:59.123456789+05:30'])('%s is one', (text) =>
    expect(takes(IsFutureTimestamp(), text)).toBe(true),
  );
  it.each([inMs(-1), '2001-01-01T00:00:00Z', '2099-02-30T00:00:00Z', '2099', 'tomorrow', null])(
    '%j is none',
    (text) => expect(takes(IsFutureTimestamp(), text)).toBe(false),
  );
});

describe('whole numbers and switches in a query', () => {
  it.each(['1', '50', '100'])('%s is between 1 and 100', (text) =>
    expect(takes(IsIntegerText(1, 100), text)).toBe(true),
  );
  it.each(['0', '101', '-1', '1.0', '1e1', '0x10', ' 1', '', 'ten', '9'.repeat(30), true])(
    '%j is not',
    (text) => expect(takes(IsIntegerText(1, 100), text)).toBe(false),
  );
  it.each(['1', 'yes', 'TRUE', '', 1])('%j is neither true nor false', (text) =>
    expect(takes(IsBooleanText(), text)).toBe(false),
  );
});

describe('metadata', () => {
  const entries = (count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, i) => [`k${i}`, 'v']));
  it.each([{}, { a: '' }, entries(50), { ['k'.repeat(40)]: 'v'.repeat(500) }])(
    'of the stated size is taken',
    (value) => expect(takes(IsMetadata(), value)).toBe(true),
  );
  it.each([
    entries(51),
    { ['k'.repeat(41)]: 'v' },
    { k: 'v'.repeat(501) },
    { '': 'v' },
    { k: 1 },
    { k: null },
    { k: {} },
    [],
    'text',
    null,
  ])('of any other is not', (value) => expect(takes(IsMetadata(), value)).toBe(false));
});

describe('an address to be shown', () => {
  it.each([
    'https://example.com',
    'https://example.com:8443/a/b.svg?c=d&e=f#g',
    'https://bücher.example/logo',
    `https://example.com/${'x'.repeat(1_980)}`,
  ])('%s is one', (text) => expect(takes(IsHttpsUrl(), text)).toBe(true));
  it.each([
    'http://example.com',
    'HTTPS//example.com',
    '//example.com',
    'javascript:alert(1)',
    'https://',
    'https:///',
    'https://a b',
    'https://me:secret@example.com',
    'https://me@example.com',
    'https://example.com/">',
    "https://example.com/'",
    'https://example.com/\n',
    'https://exa{mple',
    `https://example.com/${'x'.repeat(1_981)}`,
    ' https://example.com',
    '',
    1,
    null,
    ['https://example.com'],
    {},
  ])('%j is none', (text) => expect(takes(IsHttpsUrl(), text)).toBe(false));
});

it('fifty thousand characters are refused by every rule at once', () => {
  const long = `${'1'.repeat(50_000)}!`;
  const startedMs = performance.now();
  for (const rule of [IsAmountText(), IsTimestamp(), IsIntegerText(1, 2), IsMetadata(), IsHttpsUrl()])
    expect(takes(rule, long)).toBe(false);
  expect(performance.now() - startedMs).toBeLessThan(500);
});
