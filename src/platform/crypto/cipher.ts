import type { TenantId } from '../../kernel/ids';

/** Whose secret it is. A sealed text that was moved to another row, kind or tenant does not open. */
export interface Bound {
  readonly tenant: TenantId;
  /** What it is: `stripe_secret_key`, `webhook_secret`. */
  readonly kind: string;
  /** The id of the row that holds it. */
  readonly id: string;
}

export abstract class Cipher {
  /** Text for a `text` column; it names the key it was made with. */
  abstract encrypt(plain: string, bound: Bound): string;
  /** Throws Undecipherable for anything that was changed, moved, or made with a key we no longer have. */
  abstract decrypt(sealed: string, bound: Bound): string;
  /** True when it was not made with the current key: decrypt and encrypt it again. */
  abstract needsReencryption(sealed: string): boolean;
}
