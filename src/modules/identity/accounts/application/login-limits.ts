import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Cache, type Draw, TokenBucket } from '../../../../platform/cache';
import { Environment } from '../../../../platform/config';
import { networkOf } from '../../../../platform/rate-limit/network-of';

/** An office behind one address logs in at nine o'clock; a list of stolen passwords is longer than that. */
const PER_ADDRESS = { ratePerSecond: 1, burst: 20 } as const;
const ONE_A_MINUTE = 1 / 60;
/** Half of what all strangers have together, so that one of them leaves the others as much. */
const OF_ONE_STRANGER = ONE_A_MINUTE / 2;
const ONE_A_DAY = 1 / 86_400;
const KNOWN_FOR_MS = 30 * 24 * 3_600_000;

/**
 * How many passwords may be tried before any is hashed: first for the address, then for it on this account,
 * then for all strangers on this account. Others cannot shut the owner out: a network from which they came in
 * has tries of its own, and any other has one a day that nobody elsewhere can take. Unknown accounts are
 * counted like known ones, under a hash.
 */
@Injectable()
export class LoginLimits {
  constructor(
    private readonly buckets: TokenBucket,
    private readonly cache: Cache,
    private readonly environment: Environment,
  ) {}

  /**
   * Null when a password may be tried; else the seconds after which one more may, if nobody else takes it.
   */
  async waitS(emailFolded: string, address: string): Promise<number | null> {
    const { loginTriesMax } = this.environment;
    const [account, network] = [keyOf(emailFolded), networkOf(address)];
    const ofAddress = await this.buckets.draw(
      `login:address:${network}`,
      1,
      PER_ADDRESS.ratePerSecond,
      Math.max(PER_ADDRESS.burst, loginTriesMax),
    );
    const isKnown = (await this.cache.get<true>(knownKey(account, network))) === true;
    const [own, rate] = isKnown ? ['known', ONE_A_MINUTE] : ['from', OF_ONE_STRANGER];
    // Nothing more is taken after a refusal: a wanted 0 only asks how long to wait.
    const ofBoth = await this.buckets.draw(
      `login:${own}:${account}:${network}`,
      ofAddress.granted,
      rate,
      loginTriesMax,
    );
    const last = isKnown ? ofBoth : await this.ofStranger(account, address, ofBoth.granted);
    return last.granted === 1 ? null : seconds(Math.max(ofAddress.waitMs, ofBoth.waitMs, last.waitMs));
  }

  async cameIn(emailFolded: string, address: string): Promise<void> {
    await this.cache.set(knownKey(keyOf(emailFolded), networkOf(address)), true, KNOWN_FOR_MS);
  }

  /**
   * Where the others have taken all, the first try of a network: of a wide one, since many small ones are
   * cheap.
   */
  private async ofStranger(
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

/** No address of a person stands in Redis. */
function keyOf(emailFolded: string): string {
  return createHash('sha256').update(emailFolded).digest('base64url');
}

function knownKey(account: string, network: string): string {
  return `login:came-in:${account}:${network}`;
}
