import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { type Bound, Cipher } from './cipher';
import { Undecipherable } from './errors';
import type { KeyRing } from './key-ring';

const ALGORITHM = 'aes-256-gcm';
const FORMAT = 'v1';
const IV_BYTES = 12;
/** Given on both sides: left open, a decipher takes a tag of 4 bytes, which can be guessed. */
const TAG_BYTES = 16;

/**
 * `v1.<key id>.<iv>.<tag>.<text>`, base64url. Random 96-bit IVs bound one key to 2³² texts; secrets of accounts are thousands.
 */
export class AesGcmCipher extends Cipher {
  constructor(private readonly keyRing: KeyRing) {
    super();
  }

  encrypt(plain: string, bound: Bound): string {
    const { id, material } = this.keyRing.current;
    const iv = randomBytes(IV_BYTES);
    const cipher = createCipheriv(ALGORITHM, material, iv, { authTagLength: TAG_BYTES }).setAAD(
      boundData(id, bound),
    );
    const sealed = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()]);
    return [FORMAT, id, ...[iv, cipher.getAuthTag(), sealed].map((part) => part.toString('base64url'))].join(
      '.',
    );
  }

  decrypt(sealed: string, bound: Bound): string {
    const [id, iv, tag, body] = this.taken(sealed);
    const key = this.keyRing.get(id);
    if (!key) throw new Undecipherable();
    try {
      const decipher = createDecipheriv(ALGORITHM, key.material, iv, { authTagLength: TAG_BYTES })
        .setAAD(boundData(id, bound))
        .setAuthTag(tag);
      const plain = decipher.update(body);
      // Until final() has checked the tag, what update() gave is whatever an attacker wrote.
      return Buffer.concat([plain, decipher.final()]).toString('utf8');
    } catch {
      throw new Undecipherable();
    }
  }

  needsReencryption(sealed: string): boolean {
    return this.taken(sealed)[0] !== this.keyRing.current.id;
  }

  private taken(sealed: string): [id: string, iv: Buffer, tag: Buffer, body: Buffer] {
    const [format, id, iv, tag, body, ...more] = sealed.split('.');
    if (format !== FORMAT || !id || body === undefined || more.length) throw new Undecipherable();
    const parts = [iv, tag, body].map((part) => Buffer.from(part ?? '', 'base64url')) as [
      Buffer,
      Buffer,
      Buffer,
    ];
    if (parts[0].length !== IV_BYTES || parts[1].length !== TAG_BYTES) throw new Undecipherable();
    return [id, ...parts];
  }
}

/**
 * A JSON list is unambiguous, whatever its parts contain. It includes the key id, so that a text cannot be
 * relabelled.
 */
function boundData(keyId: string, { tenant, kind, id }: Bound): Buffer {
  return Buffer.from(JSON.stringify([FORMAT, keyId, tenant, kind, id]), 'utf8');
}
