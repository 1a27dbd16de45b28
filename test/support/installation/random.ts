import { createHash } from 'node:crypto';

/** Random numbers from a seed: the same seed gives the same run. */
export class Random {
  private drawn = 0;

  constructor(readonly seed: string) {}

  /** 0 ≤ n < below. */
  below(below: number): number {
    const digest = createHash('sha256').update(`${this.seed}|${this.drawn++}`).digest();
    return digest.readUInt32BE(0) % below;
  }

  pick<T>(from: readonly T[]): T {
    if (from.length === 0) throw new Error('nothing to pick from');
    return from[this.below(from.length)] as T;
  }
}
