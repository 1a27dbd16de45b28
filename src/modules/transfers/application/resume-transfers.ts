import { Injectable } from '@nestjs/common';
import type { TenantId } from '../../../kernel/ids';
import { type Tx, UnitOfWork } from '../../../kernel/tx';
import { TransferRepository } from './ports';
import { TransferWakeUps } from './transfer-wake-ups';

const RESUMABLE = ['waiting_for_funds', 'blocked_recipient'];

/** Makes waiting transfers due now and wakes their accounts. */
@Injectable()
export class ResumeTransfers {
  constructor(
    private readonly uow: UnitOfWork,
    private readonly transfers: TransferRepository,
    private readonly wakeUps: TransferWakeUps,
  ) {}

  /** Returns the number of transfers resumed; others are left as they are. */
  async execute(tx: Tx, tenant: TenantId, ids: readonly string[]): Promise<number> {
    if (!ids.length) return 0;
    const { now, transfers } = await this.transfers.lock(tx, ids);
    const waiting = transfers.filter((transfer) => RESUMABLE.includes(transfer.snapshot().state));
    waiting.forEach((transfer) => transfer.resume({ now, jitter: 0, actor: 'system' }));
    await this.transfers.save(tx, waiting);
    const accounts = new Set(waiting.map((transfer) => transfer.snapshot().railAccountId));
    this.uow.afterCommit(tx, async () =>
      accounts.forEach((railAccountId) => this.wakeUps.wake({ tenant, railAccountId })),
    );
    return waiting.length;
  }
}
