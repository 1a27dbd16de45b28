import { Injectable, type OnModuleInit } from '@nestjs/common';
import type { TenantId } from '../../../../kernel/ids';
import { UnitOfWork } from '../../../../kernel/tx';
import { Log } from '../../../../platform/logging';
import { type RunSummary, Schedule, type ScheduledJob } from '../../../../platform/schedule';
import { Tenancy } from '../../../tenancy';
import { type DueAccount, TransferRepository } from '../../application/ports';
import { TransferWakeUps } from '../../application/transfer-wake-ups';
import { TransfersProcessor, WorkerRole } from './transfers.processor';

/** The queue delivered nothing for so long while work is due: the sweep works itself. */
export abstract class SweepTiming {
  abstract readonly everyMs: number;
  abstract readonly silentForMs: number;
}

const ACCOUNTS_MAX = 10_000;

/**
 * Finds accounts with due transfers in the database, whatever the queue knows: without Redis we are slower,
 * never stopped.
 */
@Injectable()
export class SweepSchedule implements ScheduledJob, OnModuleInit {
  readonly name = 'sweep-transfers';
  readonly perProcess = true;
  readonly everyMs: number;
  private readonly bornAt = Date.now();

  constructor(
    private readonly schedule: Schedule,
    private readonly uow: UnitOfWork,
    private readonly transfers: TransferRepository,
    private readonly tenancy: Tenancy,
    private readonly wakeUps: TransferWakeUps,
    private readonly processor: TransfersProcessor,
    private readonly role: WorkerRole,
    private readonly sweepTiming: SweepTiming,
    private readonly log: Log,
  ) {
    this.everyMs = sweepTiming.everyMs;
  }

  onModuleInit(): void {
    if (this.role.works) this.schedule.register(this);
  }

  async run(scope: { tenant?: TenantId }): Promise<RunSummary> {
    const all = await this.uow.runForSystem((tx) => this.transfers.dueAccounts(tx, ACCOUNTS_MAX));
    const found = scope.tenant ? all.filter(({ tenant }) => tenant === scope.tenant) : all;
    const due = await this.withoutHeld(found);
    due.forEach((account) => this.wakeUps.wake(account));
    if (due.length && this.queueIsSilent()) await this.workMyself(due);
    const held = found.length - due.length;
    return {
      found: found.length,
      done: due.length,
      failed: 0,
      skipped: held ? [{ reason: 'tenant_suspended', count: held }] : [],
    };
  }

  /**
   * An account of a suspended tenant is woken only for a call whose effect is not known: for the rest it
   * would be woken in vain each time.
   */
  private async withoutHeld(found: readonly DueAccount[]): Promise<readonly DueAccount[]> {
    const suspended = await this.tenancy.suspendedAmong([...new Set(found.map(({ tenant }) => tenant))]);
    if (!suspended.size) return found;
    const inDoubt = await this.uow.runForSystem((tx) => this.transfers.accountsInDoubt(tx, [...suspended]));
    const woken = new Set(inDoubt.map(({ railAccountId }) => railAccountId));
    return found.filter(({ tenant, railAccountId }) => !suspended.has(tenant) || woken.has(railAccountId));
  }

  /**
   * Through a queue without a connection nothing comes; one with a connection may have lost its consumers.
   */
  private queueIsSilent(): boolean {
    if (!this.wakeUps.connected) return true;
    const heard = this.wakeUps.lastDeliveryAt()?.getTime() ?? this.bornAt;
    return Date.now() - heard >= this.sweepTiming.silentForMs;
  }

  /**
   * Several accounts side by side and in turn, as the queue would. Ends with the period: the next sweep knows
   * who became due meanwhile.
   */
  private async workMyself(due: readonly DueAccount[]): Promise<void> {
    this.log.warn('transfers.queue_silent', { accounts: due.length });
    const endsAt = performance.now() + this.everyMs;
    const waiting = [...due];
    const lane = async (): Promise<void> => {
      for (let account = waiting.shift(); account; account = waiting.shift()) {
        const more = await this.turnOf(account);
        if (more && performance.now() < endsAt && this.queueIsSilent()) waiting.push(account);
      }
    };
    await Promise.all(Array.from({ length: this.role.accountsAtOnce }, lane));
  }

  /** One account's trouble is its own: the rest of the lane goes on. */
  private async turnOf(account: DueAccount): Promise<boolean> {
    try {
      return await this.processor.execute(account);
    } catch (error) {
      this.log.error('transfers.turn_failed', {
        tenant_id: account.tenant,
        rail_account_id: account.railAccountId,
        error,
      });
      return false;
    }
  }
}
