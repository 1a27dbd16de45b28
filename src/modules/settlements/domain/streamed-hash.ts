import { createHash, type Hash } from 'node:crypto';

/**
 * The hash of a plan with too many awards for memory. It hashes the same bytes as domain/plan, so that a stream
 * and a JSON body with the same content have the same hash. A test compares the two.
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
