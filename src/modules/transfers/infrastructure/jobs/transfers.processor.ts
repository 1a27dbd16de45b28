import { Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { WakeUps } from '../../../../platform/queue';
import { Log } from '../../../../platform/logging';
import { ExecuteTransfers } from '../../application/execute-transfers';
import type { DueAccount } from '../../application/ports';
import { accountOf, TRANSFERS_QUEUE, TransferWakeUps } from '../../application/transfer-wake-ups';

/** Whether this process is a worker. */
export abstract class WorkerRole {
  abstract readonly works: boolean;
  /** Accounts worked on at once by this process. */
  abstract readonly accountsAtOnce: number;
}

/** A wake-up from the queue starts work on one rail account. Its key is untrusted. */
@Injectable()
export class TransfersProcessor implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private stopping = false;

  constructor(
    private readonly wakeUps: WakeUps,
    private readonly transferWakeUps: TransferWakeUps,
    private readonly executeTransfers: ExecuteTransfers,
    private readonly role: WorkerRole,
    private readonly log: Log,
  ) {}

  onApplicationBootstrap(): void {
    if (this.role.works)
      this.wakeUps.consume(TRANSFERS_QUEUE, (key) => this.process(key), {
        concurrency: this.role.accountsAtOnce,
      });
  }

  beforeApplicationShutdown(): void {
    this.stopping = true;
  }

  private async process(key: string): Promise<void> {
    const account = accountOf(key);
    if (!account) return this.log.warn('transfers.wake_up_dropped', { reason: 'not_an_account' });
    await this.execute(account);
  }

  /**
   * An account with work left goes to the back of the queue, so that others are served in between. Returns
   * whether it has work left.
   */
  async execute(account: DueAccount): Promise<boolean> {
    const more = await this.executeTransfers.execute(
      account.tenant,
      account.railAccountId,
      () => this.stopping,
    );
    if (more) this.transferWakeUps.wake(account);
    return more;
  }
}
