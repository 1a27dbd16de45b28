import { Injectable } from '@nestjs/common';
import { currencyOf, Money } from '../../../kernel/money';
import type { Tx } from '../../../kernel/tx';
import { Tenancy } from '../../tenancy';
import { CHUNK_AWARDS } from '../domain/accounting';
import type { InputError } from '../domain/errors';
import type { CheckedStream, Rejection, SettlementSnapshot } from '../domain/settlement-snapshot';
import { StreamedHash } from '../domain/streamed-hash';
import { type UploadLine, UploadStore, type UploadTotals, SettlementRepository } from './ports';

export type StreamVerdict = { readonly accepted: CheckedStream } | { readonly rejected: Rejection };

/**
 * The checks that need all lines of a stream: duplicate payees, the sums, and whether the contest is already
 * recorded. Each line alone was checked while it arrived.
 */
@Injectable()
export class CheckStream {
  constructor(
    private readonly uploads: UploadStore,
    private readonly settlements: SettlementRepository,
    private readonly tenancy: Tenancy,
  ) {}

  async execute(tx: Tx, settlement: SettlementSnapshot): Promise<StreamVerdict> {
    const totals = await this.uploads.totals(tx, settlement.id);
    const problems = [...sumProblems(settlement, totals), ...duplicateProblems(totals)];
    const total = problems.length + totals.duplicates - totals.duplicateLines.length;
    if (total > 0) return { rejected: { total, problems } };
    const resultHash = await this.hashOf(tx, settlement, totals.minor);
    const holder = await this.settlements.ofContest(tx, settlement.contestId);
    if (holder) return { rejected: { total: 1, problems: [alreadyRecorded(holder, resultHash)] } };
    const { approvalAbove } = await this.tenancy.settingsOf(tx);
    return {
      accepted: {
        awardCount: totals.lines,
        awardsMinor: totals.minor,
        resultHash,
        approvalAbove: approvalAbove.get(currencyOf(settlement.currency)) ?? null,
      },
    };
  }

  private async hashOf(tx: Tx, settlement: SettlementSnapshot, awardsMinor: bigint): Promise<string> {
    const remainderMinor = settlement.poolMinor - settlement.platformShareMinor - awardsMinor;
    const hash = new StreamedHash({ ...settlement, remainderMinor });
    let after: UploadLine | null = null;
    for (;;) {
      const page: UploadLine[] = await this.uploads.page(tx, settlement.id, after, CHUNK_AWARDS);
      hash.add(page);
      after = page.at(-1) ?? null;
      if (page.length < CHUNK_AWARDS) return hash.digest();
    }
  }
}

/** The rules, codes and messages are those of domain/plan for settlements in JSON. */
function sumProblems(settlement: SettlementSnapshot, { lines, minor }: UploadTotals): InputError[] {
  const { poolMinor, platformShareMinor, allowRemainder } = settlement;
  const currency = currencyOf(settlement.currency);
  const text = (amount: bigint) => `${Money.of(amount, currency).toText()} ${currency}`;
  if (lines === 0) return [{ code: 'zero_payouts', message: 'there are no awards', line: null }];
  if (minor > poolMinor) {
    return [
      {
        code: 'payout_exceeds_pool',
        message: `the awards are ${text(minor)} together, the pool is ${text(poolMinor)}`,
        line: null,
      },
    ];
  }
  const remainder = poolMinor - minor - platformShareMinor;
  if (remainder === 0n || (remainder > 0n && allowRemainder)) return [];
  const sum = text(minor + platformShareMinor);
  const parts = `awards ${text(minor)} + platform share ${text(platformShareMinor)} = ${sum}`;
  return [{ code: 'conservation_mismatch', message: `${parts}, the pool is ${text(poolMinor)}`, line: null }];
}

function duplicateProblems({ duplicateLines }: UploadTotals): InputError[] {
  return duplicateLines.map(({ line, firstLine }) => ({
    code: 'duplicate_payee',
    message: `the payee is already on line ${firstLine}`,
    line,
  }));
}

function alreadyRecorded(holder: SettlementSnapshot, resultHash: string): InputError {
  const content = holder.resultHash === resultHash ? 'the same content' : 'other content';
  return {
    code: 'settlement_exists',
    message: `contest ${holder.contestId} is already recorded as settlement ${holder.id}, with ${content}`,
    line: null,
  };
}
