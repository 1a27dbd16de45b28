import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';

/**
 * The bytes of a body as they pass, and their SHA-256 when they have: the fingerprint of a request that is
 * never held whole.
 */
export class HashedBody {
  private readonly hash = createHash('sha256');

  constructor(private readonly body: Readable) {}

  async *bytes(): AsyncGenerator<Buffer> {
    // A reader that stops early must not destroy the body: with it the socket would go that carries the
    // refusal.
    for await (const chunk of this.body.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      this.hash.update(chunk);
      yield chunk;
    }
  }

  digest(): Buffer {
    return this.hash.digest();
  }
}
