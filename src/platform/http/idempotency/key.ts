import type { FastifyRequest } from 'fastify';
import { KEY_MAX, KEY_MIN, keyInvalid } from './errors';

const KEY = new RegExp(`^[\\x21-\\x7e]{${KEY_MIN},${KEY_MAX}}$`);

/** Two headers of this name arrive joined by ", ", whose space no key may hold: they are refused. */
export function keyOf(request: FastifyRequest): string | null {
  const header = request.headers['idempotency-key'];
  if (header === undefined) return null;
  const key = String(header).trim();
  if (!KEY.test(key)) throw keyInvalid();
  return key;
}
