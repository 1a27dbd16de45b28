import { hash } from 'node:crypto';
import type { AccountRef } from './posting';

/**
 * Computes the id of an account from its fields, so that posting needs no look-up. It is 128 bits of SHA-256;
 * MD5 would be enough but does not exist in FIPS mode. The primary key also has the tenant.
 */
export function accountIdOf(account: AccountRef): string {
  const digest = hash(
    'sha256',
    `${account.kind}|${account.owner ?? ''}|${account.purpose ?? ''}|${account.currency}`,
  );
  const head = `${digest.slice(0, 8)}-${digest.slice(8, 12)}-${digest.slice(12, 16)}`;
  return `${head}-${digest.slice(16, 20)}-${digest.slice(20, 32)}`;
}
