import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Cache, TokenBucket } from '../../../platform/cache';
import { Environment } from '../../../platform/config';

const ONE_MORE_EVERY_S = 60;
/** An office behind one address logs in at nine o'clock; a list of stolen passwords is longer than that. */
const PER_ADDRESS = { ratePerSecond: 1, burst: 20 } as const;
const KNOWN_FOR_MS = 30 * 24 * 3_600_000;

/**
 * How many passwords may be tried before any is hashed. Strangers share what an account has; an address from which its owner
 * has come in has a share of its own, so that whoever keeps trying from elsewhere cannot shut the owner out. Nothing is ever
 * locked: a token comes back every minute. Unknown accounts are counted like known ones, under a hash of what was typed.
 */
@Injectable()
export class LoginLimits {
  constructor(
    private readonly buckets: TokenBucket,
    private readonly cache: Cache,
    private readonly environment: Environment,
  ) {}

  /** Null when a password may be tried; else the seconds after which one more may. */
  async waitS(emailFolded: string, address: string): Promise<number | null> {
    const { loginTriesMax } = this.environment;
    const account = keyOf(emailFolded);
    const isKnown = (await this.cache.get<true>(knownKey(account, address))) === true;
    const bucket = isKnown ? `login:known:${account}:${address}` : `login:account:${account}`;
    if ((await this.buckets.take(bucket, 1, 1 / ONE_MORE_EVERY_S, loginTriesMax)) < 1) return ONE_MORE_EVERY_S;
    const { ratePerSecond, burst } = PER_ADDRESS;
    return (await this.buckets.take(`login:address:${address}`, 1, ratePerSecond, Math.max(burst, loginTriesMax))) < 1 ? Math.ceil(1 / ratePerSecond) : null;
  }

  async cameIn(emailFolded: string, address: string): Promise<void> {
    await this.cache.set(knownKey(keyOf(emailFolded), address), true, KNOWN_FOR_MS);
  }
}

/** No address of a person stands in Redis. */
function keyOf(emailFolded: string): string {
  return createHash('sha256').update(emailFolded).digest('base64url');
}

function knownKey(account: string, address: string): string {
  return `login:came-in:${account}:${address}`;
}
