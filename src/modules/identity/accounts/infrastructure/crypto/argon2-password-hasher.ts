import { Injectable } from '@nestjs/common';
import { hash, parseOptions, verify, type Options } from '@node-rs/argon2';
import { ConcurrencyLimit } from '../../../../../kernel/concurrency-limit';
import { HttpProblem, standardProblem } from '../../../../../platform/http';
import { PasswordHasher } from '../../application/ports';

/** OWASP's first recommendation: 19 MiB, two passes, one lane. argon2id is the library's default. */
export const ARGON2: Required<Pick<Options, 'memoryCost' | 'timeCost' | 'parallelism'>> = {
  memoryCost: 19_456,
  timeCost: 2,
  parallelism: 1,
};
/** Half of Node's four threads; the others read files and resolve names. */
const CONCURRENT_MAX = 2;
const QUEUED_MAX = 200;

@Injectable()
export class Argon2PasswordHasher extends PasswordHasher {
  private readonly hashing = new ConcurrencyLimit(CONCURRENT_MAX);
  /** A hash of no user, made once with the same parameters, so that verifying it takes as long. */
  private dummy: Promise<string> | null = null;

  hash(password: string): Promise<string> {
    return this.limited(() => hash(password, ARGON2));
  }

  async verify(stored: string | null, password: string): Promise<boolean> {
    const compared = stored ?? (await this.dummyHash());
    const isRight = await this.limited(() => verify(compared, password));
    return stored !== null && isRight;
  }

  private dummyHash(): Promise<string> {
    this.dummy ??= this.hash('of a user who does not exist').catch((error: unknown) => {
      // A stored rejection would make unknown users distinguishable until the process ends.
      this.dummy = null;
      throw error;
    });
    return this.dummy;
  }

  needsRehash(stored: string): boolean {
    const { memoryCost, timeCost, parallelism } = parseOptions(stored);
    return memoryCost < ARGON2.memoryCost || timeCost < ARGON2.timeCost || parallelism < ARGON2.parallelism;
  }

  /** 19 MiB each: a thousand concurrent logins must not need 19 GiB. */
  private async limited<T>(work: () => Promise<T>): Promise<T> {
    const { code, detail } = standardProblem(503);
    if (this.hashing.queued >= QUEUED_MAX)
      throw new HttpProblem(503, code, detail, { headers: { 'retry-after': '1' } });
    return this.hashing.run(work);
  }
}
