import { isIP } from 'node:net';

/** What a text of the environment turned into, or why not. */
export type Parsed<T> = { readonly value: T } | { readonly problem: string };
export type Parser<T> = (text: string) => Parsed<T>;

export interface Key {
  readonly key: string;
  readonly property: string;
  readonly parse: Parser<unknown>;
}

const keys: Key[] = [];

/**
 * Names the variable a property comes from and how its text is read. The list of these is the list in
 * .env.example.
 */
export function FromKey(key: string, parse: Parser<unknown> = text): PropertyDecorator {
  return (_target, property) => {
    keys.push({ key, property: String(property), parse });
  };
}

/** Every variable there is, in the order of the class. */
export function environmentKeys(): readonly Key[] {
  return keys;
}

export function text(raw: string): Parsed<string> {
  return { value: raw };
}

/**
 * Digits only: Number('0x10'), Number('1e3') and Number(' 12 ') are numbers too, but more likely mistakes.
 */
export function wholeNumber(raw: string): Parsed<number> {
  return /^(?:0|[1-9]\d{0,14})$/.test(raw)
    ? { value: Number(raw) }
    : { problem: 'must be a whole number, written in digits' };
}

/**
 * How many proxies stand in front, or their addresses. Never "all": anybody could then name an address of
 * their own.
 */
export function proxies(raw: string): Parsed<number | string[]> {
  if (/^[1-9]$/.test(raw)) return { value: Number(raw) };
  const ranges = raw.split(',').map((part) => part.trim());
  return ranges.every(isRange)
    ? { value: ranges }
    : {
        problem: 'must be a number of proxies (1 to 9) or a list of addresses and ranges such as 10.0.0.0/8',
      };
}

/** A prefix of 0 would be everybody. */
function isRange(text: string): boolean {
  const [address = '', prefix, ...rest] = text.split('/');
  const bits = { 4: 32, 6: 128 }[isIP(address)] ?? 0;
  return (
    bits > 0 &&
    rest.length === 0 &&
    (prefix === undefined || (/^[1-9]\d{0,2}$/.test(prefix) && Number(prefix) <= bits))
  );
}

export function list(raw: string): Parsed<string[]> {
  return { value: raw.split(',').map((part) => part.trim()) };
}

export function yesOrNo(raw: string): Parsed<boolean> {
  return raw === 'true' || raw === 'false' ? { value: raw === 'true' } : { problem: 'must be true or false' };
}
