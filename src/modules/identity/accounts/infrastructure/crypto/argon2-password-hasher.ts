import { Injectable } from '@nestjs/common';
import { hash, parseOptions, verify, type Options } from '@node-rs/argon2';
import { ConcurrencyLimit } from '../../../../../kernel/concurrency-limit';
import { HttpProblem, standardProblem } from '../../../../../platform/http';
import { PasswordHasher } from '../../application/ports';

/**
 * OWASP's first choice: 19 MiB, two passes, one lane. argon2id is what the library makes unless it is told
 * otherwise.
 */
export const ARGON2: Required<Pick<Options, 'memoryCost' | 'timeCost' | 'parallelism'>> = {
  memoryCost: 19_456,
  timeCost: 2,
  parallelism: 1,
};
/** Half of Node's four threads: files and names have to be read while people log in. */
const AT_ONCE = 2;
const WAITING_MAX = 200;

@Injectable()
export class Argon2PasswordHasher extends PasswordHasher {
  private readonly hashing = new ConcurrencyLimit(AT_ONCE);
  /**
   * Of a password nobody has; made once, with what real ones are made with, so that verifying it takes as
   * long.
   */
  private dummy: Promise<string> | null = null;

  hash(password: string): Promise<string> {
    return this.inTurn(() => hash(password, ARGON2));
  }

  async verify(kept: string | null, password: string): Promise<boolean> {
    const known = kept ?? (await this.ofNobody());
    const isRight = await this.inTurn(() => verify(known, password));
    return kept !== null && isRight;
  }

  private ofNobody(): Promise<string> {
    this.dummy ??= this.hash('of a person who is not there').catch((error: unknown) => {
      // Kept, a moment without memory would tell known people from unknown ones until the process ends.
      this.dummy = null;
      throw error;
    });
    return this.dummy;
  }

  isOutdated(kept: string): boolean {
    const { memoryCost, timeCost, parallelism } = parseOptions(kept);
    return memoryCost < ARGON2.memoryCost || timeCost < ARGON2.timeCost || parallelism < ARGON2.parallelism;
  }

  /** 19 MiB each: a thousand logins at once must not become 19 GiB. */
  private async inTurn<T>(work: () => Promise<T>): Promise<T> {
    const { code, detail } = standardProblem(503);
    if (this.hashing.queued >= WAITING_MAX)
      throw new HttpProblem(503, code, detail, { headers: { 'retry-after': '1' } });
    return this.hashing.run(work);
  }
}
