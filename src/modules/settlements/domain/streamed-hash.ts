import { createHash, type Hash } from 'node:crypto';

/**
 * The hash of a plan whose awards are too many to hold in memory: the same bytes as the plan's own hash
 * (domain/plan), fed in canonical order, so that a contest settled by stream and by JSON is known as the
 * same. A test compares the two.
 */
export class StreamedHash {
  private readonly hash: Hash;

  constructor(head: {
    contestId: string;
    currency: string;
    poolMinor: bigint;
    platformShareMinor: bigint;
    remainderMinor: bigint;
  }) {
    const { contestId, currency, poolMinor, platformShareMinor, remainderMinor } = head;
    this.hash = createHash('sha256').update('disburse.plan.v1\n');
    this.hash.update(
      JSON.stringify([
        'contest',
        contestId,
        currency,
        `${poolMinor}`,
        `${platformShareMinor}`,
        `${remainderMinor}`,
      ]),
    );
  }

  add(awards: readonly { recipientId: string; amountMinor: bigint; rank: number | null }[]): void {
    this.hash.update(
      awards
        .map(
          ({ recipientId, amountMinor, rank }) =>
            `\n["award",${JSON.stringify(recipientId)},"${amountMinor}",${rank}]`,
        )
        .join(''),
    );
  }

  digest(): string {
    return this.hash.digest('hex');
  }
}
