import { hash } from 'node:crypto';
import type { AccountRef } from './posting';

/**
 * An account's id follows from what it is, so that a bulk post needs no look-up. 128 bits of SHA-256; MD5
 * would do for spreading but is missing on machines in FIPS mode. The tenant is the other half of the key.
 */
export function accountIdOf(account: AccountRef): string {
  const digest = hash(
    'sha256',
    `${account.kind}|${account.owner ?? ''}|${account.purpose ?? ''}|${account.currency}`,
  );
  return `${digest.slice(0, 8)}-${digest.slice(8, 12)}-${digest.slice(12, 16)}-${digest.slice(16, 20)}-${digest.slice(20, 32)}`;
}
