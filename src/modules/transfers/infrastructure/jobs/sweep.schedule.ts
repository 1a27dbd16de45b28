import { Injectable, type OnModuleInit } from '@nestjs/common';
import type { TenantId } from '../../../../kernel/ids';
import { UnitOfWork } from '../../../../kernel/tx';
import { Log } from '../../../../platform/logging';
import { type RunSummary, Schedule, type ScheduledJob } from '../../../../platform/schedule';
import { Tenancy } from '../../../tenancy';
import { type DueAccount, DueTransferStore } from '../../application/ports';
import { TransferWakeUps } from '../../application/transfer-wake-ups';
import { TransfersProcessor, WorkerRole } from './transfers.processor';

/** When the queue delivers nothing for `silentForMs` while work is due, the sweep does the work itself. */
export abstract class SweepTiming {
  abstract readonly everyMs: number;
  abstract readonly silentForMs: number;
}

const ACCOUNTS_MAX = 10_000;

/**
 * Finds accounts with due transfers in the database, so that a lost wake-up or a lost Redis costs time only
 * (docs/invariants.md F8).
 */
@Injectable()
export class SweepSchedule implements ScheduledJob, OnModuleInit {
  readonly name = 'sweep-transfers';
  readonly perProcess = true;
  readonly everyMs: number;
  private readonly startedAt = Date.now();

  constructor(
    private readonly schedule: Schedule,
    private readonly uow: UnitOfWork,
    private readonly dueTransfers: DueTransferStore,
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
    const all = await this.uow.runForSystem((tx) => this.dueTransfers.dueAccounts(tx, ACCOUNTS_MAX));
    const found = scope.tenant ? all.filter(({ tenant }) => tenant === scope.tenant) : all;
    const due = await this.withoutSuspended(found);
    due.forEach((account) => this.wakeUps.wake(account));
    if (due.length && this.queueIsSilent()) await this.work(due);
    const suspended = found.length - due.length;
    return {
      found: found.length,
      done: due.length,
      failed: 0,
      skipped: suspended ? [{ reason: 'tenant_suspended', count: suspended }] : [],
    };
  }

  /**
   * Accounts of a suspended tenant are woken for ambiguous transfers only: nothing else is claimed for them.
   */
  private async withoutSuspended(found: readonly DueAccount[]): Promise<readonly DueAccount[]> {
    const suspended = await this.tenancy.suspendedAmong([...new Set(found.map(({ tenant }) => tenant))]);
    if (!suspended.size) return found;
    const ambiguous = await this.uow.runForSystem((tx) =>
      this.dueTransfers.ambiguousAccounts(tx, [...suspended]),
    );
    const woken = new Set(ambiguous.map(({ railAccountId }) => railAccountId));
    return found.filter(({ tenant, railAccountId }) => !suspended.has(tenant) || woken.has(railAccountId));
  }

  /** A queue with a connection may still have lost its consumers, so the last delivery counts too. */
  private queueIsSilent(): boolean {
    if (!this.wakeUps.connected) return true;
    const lastDelivery = this.wakeUps.lastDeliveryAt()?.getTime() ?? this.startedAt;
    return Date.now() - lastDelivery >= this.sweepTiming.silentForMs;
  }

  /**
   * Works on several accounts at once, as the queue would. Ends with the period: the next sweep finds what became
   * due meanwhile.
   */
  private async work(due: readonly DueAccount[]): Promise<void> {
    this.log.warn('transfers.queue_silent', { accounts: due.length });
    const endsAt = performance.now() + this.everyMs;
    const waiting = [...due];
    const lane = async (): Promise<void> => {
      for (let account = waiting.shift(); account; account = waiting.shift()) {
        const more = await this.workOn(account);
        if (more && performance.now() < endsAt && this.queueIsSilent()) waiting.push(account);
      }
    };
    await Promise.all(Array.from({ length: this.role.accountsAtOnce }, lane));
  }

  /** An error of one account does not stop the others. */
  private async workOn(account: DueAccount): Promise<boolean> {
    try {
      return await this.processor.execute(account);
    } catch (error) {
      this.log.error('transfers.account_failed', {
        tenant_id: account.tenant,
        rail_account_id: account.railAccountId,
        error,
      });
      return false;
    }
  }
}
