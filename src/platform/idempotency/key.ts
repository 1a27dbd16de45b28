import type { FastifyRequest } from 'fastify';
import { isRecord } from '../../kernel/canonical-json';
import { validationFailed } from '../http';
import { KEY_MAX, KEY_MIN, keyInvalid } from './errors';

const KEY = new RegExp(`^[\\x21-\\x7e]{${KEY_MIN},${KEY_MAX}}$`);

/** Of a route whose body may carry the key, too: the name of the field. */
export interface KeyConfig {
  readonly idempotencyField?: string;
}

/** Two headers of this name arrive joined by ", ", whose space no key may hold: they are refused. */
export function keyOf(request: FastifyRequest): string | null {
  const header = request.headers['idempotency-key'];
  const inBody = keyInBody(request);
  if (header === undefined) return inBody;
  const key = String(header).trim();
  if (!KEY.test(key)) throw keyInvalid();
  if (inBody !== null && inBody !== key)
    throw validationFailed({
      [fieldOf(request) as string]: ['differs from the header Idempotency-Key: send one of them'],
    });
  return key;
}

/** Whether the body's field is there, whatever it holds. */
export function isKeyInBody(request: FastifyRequest): boolean {
  const field = fieldOf(request);
  return field !== undefined && isRecord(request.body) && request.body[field] !== undefined;
}

/** What makes two requests the same: the key is not part of it, wherever it stands. */
export function contentOf(request: FastifyRequest): unknown {
  const field = fieldOf(request);
  if (field === undefined || !isKeyInBody(request)) return request.body ?? null;
  const { [field]: _key, ...content } = request.body as Record<string, unknown>;
  return content;
}

/** Null for what is no key either: the route's own checks refuse it, with the name of the field. */
function keyInBody(request: FastifyRequest): string | null {
  const value = isKeyInBody(request)
    ? (request.body as Record<string, unknown>)[fieldOf(request) as string]
    : undefined;
  const key = typeof value === 'string' ? value.trim() : '';
  return KEY.test(key) ? key : null;
}

function fieldOf(request: FastifyRequest): string | undefined {
  return (request.routeOptions.config as KeyConfig).idempotencyField;
}
