import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Cache, type Draw, TokenBucket } from '../../../../platform/cache';
import { Environment } from '../../../../platform/config';
import { networkOf } from '../../../../platform/rate-limit/network-of';

/** Enough for an office that signs in from one address at nine o'clock; too little for a list of stolen passwords. */
const PER_ADDRESS = { ratePerSecond: 1, burst: 20 } as const;
const ONE_A_MINUTE = 1 / 60;
/** Half of what all unrecognised networks have together, so that one of them leaves the others as much. */
const PER_UNRECOGNISED_NETWORK = ONE_A_MINUTE / 2;
const ONE_A_DAY = 1 / 86_400;
const RECOGNISED_FOR_MS = 30 * 24 * 3_600_000;

/**
 * Limits how many passwords may be tried, before one is hashed: per address, then per address and account,
 * then per account for all unrecognised networks together. An attacker cannot lock the owner out: a network
 * from which the owner signed in before is recognised and has tries of its own, and every other network has
 * one a day that no other network can use up. Accounts that do not exist are counted too, under a hash.
 */
@Injectable()
export class LoginLimits {
  constructor(
    private readonly buckets: TokenBucket,
    private readonly cache: Cache,
    private readonly environment: Environment,
  ) {}

  /** Null when a password may be tried; otherwise the seconds to wait, unless another client is faster. */
  async waitS(emailFolded: string, address: string): Promise<number | null> {
    const { loginTriesMax } = this.environment;
    const [account, network] = [keyOf(emailFolded), networkOf(address)];
    const ofAddress = await this.buckets.draw(
      `login:address:${network}`,
      1,
      PER_ADDRESS.ratePerSecond,
      Math.max(PER_ADDRESS.burst, loginTriesMax),
    );
    const isRecognised = (await this.cache.get<true>(recognisedKey(account, network))) === true;
    const [own, rate] = isRecognised ? ['known', ONE_A_MINUTE] : ['from', PER_UNRECOGNISED_NETWORK];
    // After a rejection nothing more is drawn: drawing 0 only returns how long to wait.
    const ofBoth = await this.buckets.draw(
      `login:${own}:${account}:${network}`,
      ofAddress.granted,
      rate,
      loginTriesMax,
    );
    const last = isRecognised ? ofBoth : await this.ofUnrecognised(account, address, ofBoth.granted);
    return last.granted === 1 ? null : seconds(Math.max(ofAddress.waitMs, ofBoth.waitMs, last.waitMs));
  }

  async recordSuccess(emailFolded: string, address: string): Promise<void> {
    await this.cache.set(recognisedKey(keyOf(emailFolded), networkOf(address)), true, RECOGNISED_FOR_MS);
  }

  /**
   * Where other networks have used up the account's tries, each network has a first one; counted per wide
   * network, since many small ones are cheap.
   */
  private async ofUnrecognised(
    account: string,
    address: string,
    wanted: number,
  ): Promise<Pick<Draw, 'granted' | 'waitMs'>> {
    const shared = await this.buckets.draw(
      `login:account:${account}`,
      wanted,
      ONE_A_MINUTE,
      2 * this.environment.loginTriesMax,
    );
    if (shared.granted === 1) return shared;
    const first = await this.buckets.draw(
      `login:first:${account}:${networkOf(address, 'wide')}`,
      wanted,
      ONE_A_DAY,
      1,
    );
    return { granted: first.granted, waitMs: Math.min(shared.waitMs, first.waitMs) };
  }
}

function seconds(ms: number): number {
  return Math.max(1, Math.ceil(ms / 1000));
}

/** Redis holds no e-mail address. */
function keyOf(emailFolded: string): string {
  return createHash('sha256').update(emailFolded).digest('base64url');
}

function recognisedKey(account: string, network: string): string {
  return `login:came-in:${account}:${network}`;
}
