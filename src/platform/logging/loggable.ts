import { LocalCache } from '../cache/local-cache';
import type { LogFields } from './log';
import { scrubbed } from './scrub';

const NOT_LOGGED = '[not logged]';
const DEPTH_MAX = 4;
const ITEMS_MAX = 50;
const FIELDS_MAX = 50;

/**
 * Text is logged only in fields whose name, or its last word, is listed here: an unforeseen field is not logged.
 */
const TEXT_NAMES = new Set(
  (
    'id ids key kind type types code codes status state states reason reasons queue queues job jobs ' +
    'consumer event events adapter action actor currency mode rail role roles route method operation ' +
    'source policy scope scopes step phase outcome result instance host version period context level ' +
    'message stack error cause at until from to target module environment signal check problem ' +
    'problems prefix remedy hint constraint'
  ).split(' '),
);

/** Never written, whatever the type and wherever in the name. */
const FORBIDDEN = new RegExp(
  [
    'authorization|cookie|pass(?:word|phrase|wd)|secret|token|api_?key|signature|body',
    'bodies|payload|headers?|iban|account_number|routing_number|card|cvc|e?mail|phone',
    'address',
  ].join('|'),
);

/** What a name lets be written. */
type Rights = 'nothing' | 'text' | 'figures';

/** What of a record may be written. */
export function loggable(fields: LogFields): Record<string, unknown> {
  return recordOf(fields, 0);
}

function recordOf(fields: object, depth: number): Record<string, unknown> {
  const clean: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(fields).slice(0, FIELDS_MAX)) {
    if (value !== undefined) clean[name] = valueOf(rightsOf(name), value, depth);
  }
  return clean;
}

function valueOf(rights: Rights, value: unknown, depth: number): unknown {
  if (rights === 'nothing') return NOT_LOGGED;
  if (value === null || typeof value === 'boolean' || typeof value === 'number') return value;
  if (typeof value === 'bigint') return value.toString();
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'invalid' : value.toISOString();
  if (value instanceof Error) return errorOf(value, depth);
  if (typeof value === 'string') return rights === 'text' ? scrubbed(value) : NOT_LOGGED;
  if (typeof value !== 'object' || depth === DEPTH_MAX) return NOT_LOGGED;
  if (Array.isArray(value)) return value.slice(0, ITEMS_MAX).map((item) => valueOf(rights, item, depth + 1));
  return recordOf(value, depth + 1);
}

/** Only what an error says of itself: drivers and clients hang whole rows, requests and headers on theirs. */
function errorOf(error: Error, depth: number): unknown {
  const { code, kind, statusCode, requestId, constraint, cause } = error as Error & Record<string, unknown>;
  const shown = {
    type: error.name,
    code,
    kind,
    statusCode,
    requestId,
    constraint,
    message: error.message,
    stack: error.stack,
  };
  return recordOf(cause instanceof Error && depth < DEPTH_MAX ? { ...shown, cause } : shown, depth + 1);
}

/** The same few names occur in every line. */
const rightsCache = new LocalCache<string, Rights>({ maxEntries: 1_000 });

function rightsOf(field: string): Rights {
  const cached = rightsCache.get(field);
  if (cached) return cached;
  const name = snakeCase(field);
  const rights = FORBIDDEN.test(name) ? 'nothing' : isTextName(name) ? 'text' : 'figures';
  rightsCache.set(field, rights);
  return rights;
}

function isTextName(name: string): boolean {
  return TEXT_NAMES.has(name) || TEXT_NAMES.has(name.slice(name.lastIndexOf('_') + 1));
}

function snakeCase(name: string): string {
  return name.replace(/(?<=[a-z0-9])[A-Z]/g, (letter) => `_${letter}`).toLowerCase();
}
