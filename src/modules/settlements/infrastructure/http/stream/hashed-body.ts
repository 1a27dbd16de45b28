import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';

/** Passes on the bytes of a body and computes their SHA-256, the fingerprint of a request that is streamed. */
export class HashedBody {
  private readonly hash = createHash('sha256');

  constructor(private readonly body: Readable) {}

  async *bytes(): AsyncGenerator<Buffer> {
    // A reader that stops early must not destroy the body: that would close the socket before the error
    // response is sent.
    for await (const chunk of this.body.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      this.hash.update(chunk);
      yield chunk;
    }
  }

  digest(): Buffer {
    return this.hash.digest();
  }
}
