import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

/**
 * HMAC-SHA-256 of texts we give out and want back unchanged. `purpose` keeps a signature made for one use
 * from counting for another.
 */
export class Signer {
  constructor(private readonly secret: string) {}

  sign(purpose: string, text: string): string {
    return createHmac('sha256', this.secret).update(`${purpose}\n${text}`).digest('base64url');
  }

  verify(purpose: string, text: string, signature: string): boolean {
    return equalInConstantTime(this.sign(purpose, text), signature);
  }
}

/**
 * Compares hashes, because timingSafeEqual throws on different lengths and a check of the length before it
 * would reveal the length.
 */
export function equalInConstantTime(a: string, b: string): boolean {
  return timingSafeEqual(sha256(a), sha256(b));
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
