import { hash } from 'node:crypto';

/** One round of SHA-256 is enough: every secret has at least 190 random bits, and each request pays for it. */
export function hashOf(secret: string): Buffer {
  return hash('sha256', secret, 'buffer');
}
