import { Injectable } from '@nestjs/common';
import { currencyOf, Money } from '../../../kernel/money';
import type { Tx } from '../../../kernel/tx';
import { Tenancy } from '../../tenancy';
import { CHUNK_AWARDS } from '../domain/accounting';
import type { Refusal } from '../domain/errors';
import type { CheckedStream, Rejection, SettlementSnapshot } from '../domain/settlement';
import { StreamedHash } from '../domain/streamed-hash';
import { type IntakeLine, IntakeStore, type IntakeTotals, SettlementStore } from './ports';

export type StreamVerdict = { readonly accepted: CheckedStream } | { readonly rejected: Rejection };

/**
 * The checks that need all lines of a stream at once: payees that stand twice, the sums, and whether the
 * contest is recorded already. What a line alone can tell was checked while it arrived.
 */
@Injectable()
export class CheckStream {
  constructor(
    private readonly intakes: IntakeStore,
    private readonly settlements: SettlementStore,
    private readonly tenancy: Tenancy,
  ) {}

  async execute(tx: Tx, settlement: SettlementSnapshot): Promise<StreamVerdict> {
    const totals = await this.intakes.totals(tx, settlement.id);
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
    let after: IntakeLine | null = null;
    for (;;) {
      const page: IntakeLine[] = await this.intakes.page(tx, settlement.id, after, CHUNK_AWARDS);
      hash.add(page);
      after = page.at(-1) ?? null;
      if (page.length < CHUNK_AWARDS) return hash.digest();
    }
  }
}

/** The same rules, codes and words as for a settlement that comes by JSON (domain/plan). */
function sumProblems(settlement: SettlementSnapshot, { lines, minor }: IntakeTotals): Refusal[] {
  const { poolMinor, platformShareMinor, allowRemainder } = settlement;
  const currency = currencyOf(settlement.currency);
  const text = (amount: bigint) => `${Money.of(amount, currency).toText()} ${currency}`;
  if (lines === 0) return [{ code: 'zero_payouts', message: 'there is no award', line: null }];
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
  const parts = `awards ${text(minor)} + platform share ${text(platformShareMinor)} = ${text(minor + platformShareMinor)}`;
  return [{ code: 'conservation_mismatch', message: `${parts}, the pool is ${text(poolMinor)}`, line: null }];
}

function duplicateProblems({ duplicateLines }: IntakeTotals): Refusal[] {
  return duplicateLines.map(({ line, firstLine }) => ({
    code: 'duplicate_payee',
    message: `the payee stands on line ${firstLine} already`,
    line,
  }));
}

function alreadyRecorded(holder: SettlementSnapshot, resultHash: string): Refusal {
  const content = holder.resultHash === resultHash ? 'the same content' : 'other content';
  return {
    code: 'settlement_exists',
    message: `contest ${holder.contestId} is recorded as settlement ${holder.id} already, with ${content}`,
    line: null,
  };
}
