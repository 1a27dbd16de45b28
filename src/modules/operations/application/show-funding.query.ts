import { Injectable } from '@nestjs/common';
import type { TenantId } from '../../../kernel/ids';
import { UnitOfWork } from '../../../kernel/tx';
import { Connections, type RailAccountFunding } from '../../connections';
import { TransferDiagnostics } from '../../transfers';

export interface FundingLine {
  readonly railAccountId: string;
  readonly currency: string;
  /** Minor units; null if no balance was ever read. */
  readonly availableMinor: bigint | null;
  readonly asOf: Date | null;
  readonly source: 'provider' | 'cached' | null;
  readonly waitingMinor: bigint;
  readonly waitingCount: number;
  /** Minor units that must be added before all waiting transfers can be sent. */
  readonly missingMinor: bigint;
  readonly oldest: Date | null;
}

/** The available money, the amount of waiting transfers, and the difference, per account and currency. */
@Injectable()
export class ShowFunding {
  constructor(
    private readonly uow: UnitOfWork,
    private readonly connections: Connections,
    private readonly transfers: TransferDiagnostics,
  ) {}

  /** Call it outside of any transaction: it reads balances at the provider. */
  async execute(tenant: TenantId): Promise<FundingLine[]> {
    const funding = await this.connections.fundingOf(tenant);
    const waiting = await this.uow.run(tenant, (tx) => this.transfers.waiting(tx), { readOnly: true });
    const keys = new Set([
      ...availableKeys(funding),
      ...waiting.map((w) => `${w.rail_account_id} ${w.currency}`),
    ]);
    return [...keys].sort().map((key) => {
      const [railAccountId, currency] = key.split(' ') as [string, string];
      const balance = funding
        .find(({ account }) => account.id === railAccountId)
        ?.available.find((a) => a.currency.toUpperCase() === currency);
      const queued = waiting.find((w) => w.rail_account_id === railAccountId && w.currency === currency);
      const availableMinor = balance?.availableMinor ?? null;
      const waitingMinor = queued?.waiting_minor ?? 0n;
      return {
        railAccountId,
        currency,
        availableMinor,
        asOf: balance?.asOf ?? null,
        source: balance?.source ?? null,
        waitingMinor,
        waitingCount: queued?.count ?? 0,
        missingMinor: missing(waitingMinor, availableMinor ?? 0n),
        oldest: queued?.oldest ?? null,
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
