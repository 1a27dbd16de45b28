import { hash53 } from './hash';
import { invalidInteger, invalidRequest, parameterMissing } from './failure';

function decode(text: string): string {
  if (!text.includes('%') && !text.includes('+')) return text;
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    throw invalidRequest('Invalid request: the parameters are not well encoded.');
  }
}

/** Form-encoded parameters, stored flat under their bracketed names ("metadata[tenant]"). */
export class Params {
  /** Cached: the record, the check and the effect of a call all read `metadata`. */
  private readonly objects = new Map<string, Record<string, string>>();

  private constructor(private readonly values: ReadonlyMap<string, string>) {}

  static parse(encoded: string): Params {
    const values = new Map<string, string>();
    if (encoded !== '') {
      for (const pair of encoded.split('&')) {
        const at = pair.indexOf('=');
        values.set(decode(at < 0 ? pair : pair.slice(0, at)), at < 0 ? '' : decode(pair.slice(at + 1)));
      }
    }
    return new Params(values);
  }

  text(name: string): string | undefined {
    const value = this.values.get(name);
    return value === '' ? undefined : value;
  }

  has(name: string): boolean {
    return this.values.has(name);
  }

  requiredText(name: string): string {
    const value = this.text(name);
    if (value === undefined) throw parameterMissing(name);
    return value;
  }

  integer(name: string): number | undefined {
    const value = this.values.get(name);
    if (value === undefined) return undefined;
    const number = Number(value);
    if (!/^-?\d{1,16}$/.test(value) || !Number.isSafeInteger(number))
      throw invalidInteger(name, `Invalid integer: ${value}`);
    return number;
  }

  flag(name: string): boolean | undefined {
    const value = this.values.get(name);
    if (value === undefined) return undefined;
    if (value !== 'true' && value !== 'false')
      throw invalidRequest(`Invalid boolean: ${value}`, undefined, name);
    return value === 'true';
  }

  /**
   * The one level below `name`: `metadata[a]=1` gives `{ a: '1' }`. The object has no prototype, so any key
   * is safe.
   */
  object(name: string): Readonly<Record<string, string>> {
    const parsed = this.objects.get(name);
    if (parsed !== undefined) return parsed;
    const found = Object.create(null) as Record<string, string>;
    const prefix = `${name}[`;
    for (const [key, value] of this.values) {
      if (key.startsWith(prefix) && key.endsWith(']')) found[key.slice(prefix.length, -1)] = value;
    }
    this.objects.set(name, found);
    return found;
  }

  /** The values of `name[0]`, `name[1]` and so on, or of `name[]`. */
  list(name: string): string[] {
    return Object.values(this.object(name));
  }

  /** Rejects other parameters, as Stripe does, so that a misspelt one is found in tests. */
  allowOnly(allowed: ReadonlySet<string>): void {
    for (const key of this.values.keys()) {
      const at = key.indexOf('[');
      const root = at < 0 ? key : key.slice(0, at);
      if (root !== 'expand' && !allowed.has(root))
        throw invalidRequest(`Received unknown parameter: ${root}`, 'parameter_unknown', root);
    }
  }
}

/** The same for the same parameters in any order; what the idempotency store compares. */
export function fingerprint(path: string, encoded: string): string {
  return hash53(`${path}?${encoded.split('&').sort().join('&')}`).toString(36);
}
