import { Injectable } from '@nestjs/common';
import type { TenantId } from '../../../kernel/ids';
import { UnitOfWork } from '../../../kernel/tx';
import { Connections } from '../../connections';
import { DueTransferStore, type WaitingTransfer } from './ports';
import { ResumeTransfers } from './resume-transfers';

/** At most this many per account and currency; the next run takes the next ones. */
const RESUME_MAX = 1_000;

/** Resumes transfers that wait for funds, oldest first, as many as the balance at the provider covers now. */
@Injectable()
export class ResumeFunded {
  constructor(
    private readonly uow: UnitOfWork,
    private readonly dueTransfers: DueTransferStore,
    private readonly connections: Connections,
    private readonly resumeTransfers: ResumeTransfers,
  ) {}

  /** Outside any transaction, because it reads balances at the provider. Returns the number of transfers resumed. */
  async execute(tenant: TenantId): Promise<number> {
    const funding = await this.connections.fundingOf(tenant);
    let resumed = 0;
    for (const { account, available } of funding) {
      for (const { currency, availableMinor } of available)
        resumed += await this.resumeCovered(tenant, account.id, currency, availableMinor);
    }
    return resumed;
  }

  private resumeCovered(
    tenant: TenantId,
    railAccountId: string,
    currency: string,
    availableMinor: bigint,
  ): Promise<number> {
    return this.uow.run(tenant, async (tx) => {
      const waiting = await this.dueTransfers.waitingForFunds(
        tx,
        railAccountId,
        currency.toUpperCase(),
        RESUME_MAX,
      );
      return this.resumeTransfers.execute(tx, tenant, covered(waiting, availableMinor));
    });
  }
}

/** Strictly oldest first: small new transfers must not overtake an old large one for ever. */
export function covered(waiting: readonly WaitingTransfer[], availableMinor: bigint): string[] {
  const ids: string[] = [];
  let left = availableMinor;
  for (const { id, amountMinor } of waiting) {
    if (amountMinor > left) break;
    left -= amountMinor;
    ids.push(id);
  }
  return ids;
}
