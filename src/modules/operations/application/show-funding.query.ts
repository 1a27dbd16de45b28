import { Injectable } from '@nestjs/common';
import type { TenantId } from '../../../kernel/ids';
import { UnitOfWork } from '../../../kernel/tx';
import { Connections, type RailAccountFunding } from '../../connections';
import { TransferDiagnostics } from '../../transfers';

export interface FundingLine {
  readonly railAccountId: string;
  readonly currency: string;
  /** Null when neither the provider nor we ever said. */
  readonly availableMinor: bigint | null;
  readonly asOf: Date | null;
  readonly source: 'provider' | 'cached' | null;
  readonly waitingMinor: bigint;
  readonly waitingCount: number;
  /** What must be put in before everything that waits can go. */
  readonly missingMinor: bigint;
  readonly oldest: Date | null;
}

/** How much money is there, how much is waited for, how much is missing. */
@Injectable()
export class ShowFunding {
  constructor(
    private readonly uow: UnitOfWork,
    private readonly connections: Connections,
    private readonly transfers: TransferDiagnostics,
  ) {}

  /** Reads balances at the provider: outside any transaction. */
  async execute(tenant: TenantId): Promise<FundingLine[]> {
    const funding = await this.connections.fundingOf(tenant);
    const waiting = await this.uow.run(tenant, (tx) => this.transfers.waiting(tx), { readOnly: true });
    const keys = new Set([
      ...availableKeys(funding),
      ...waiting.map((w) => `${w.rail_account_id} ${w.currency}`),
    ]);
    return [...keys].sort().map((key) => {
      const [railAccountId, currency] = key.split(' ') as [string, string];
      const there = funding
        .find(({ account }) => account.id === railAccountId)
        ?.available.find((a) => a.currency.toUpperCase() === currency);
      const wanted = waiting.find((w) => w.rail_account_id === railAccountId && w.currency === currency);
      const availableMinor = there?.availableMinor ?? null;
      const waitingMinor = wanted?.waiting_minor ?? 0n;
      return {
        railAccountId,
        currency,
        availableMinor,
        asOf: there?.asOf ?? null,
        source: there?.source ?? null,
        waitingMinor,
        waitingCount: wanted?.count ?? 0,
        missingMinor: missing(waitingMinor, availableMinor ?? 0n),
        oldest: wanted?.oldest ?? null,
      };
    });
  }
}

function missing(waiting: bigint, available: bigint): bigint {
  const usable = available > 0n ? available : 0n;
  return waiting > usable ? waiting - usable : 0n;
}

function availableKeys(funding: readonly RailAccountFunding[]): string[] {
  return funding.flatMap(({ account, available }) =>
    available.map(({ currency }) => `${account.id} ${currency.toUpperCase()}`),
  );
}
