import { Injectable, type OnModuleInit } from '@nestjs/common';
import { UnitOfWork } from '../../../../kernel/tx';
import { purgeIdempotencyKeys } from '../../../../platform/idempotency';
import { type RunSummary, Schedule, type ScheduledJob } from '../../../../platform/schedule';

const EVERY_MS = 24 * 3_600_000;

/** Deletes idempotency keys that are older than the guaranteed 30 days. */
@Injectable()
export class PurgeIdempotencyKeys implements ScheduledJob, OnModuleInit {
  readonly name = 'purge-idempotency-keys';
  readonly everyMs = EVERY_MS;
  readonly ofInstallation = true;

  constructor(
    private readonly schedule: Schedule,
    private readonly uow: UnitOfWork,
  ) {}

  onModuleInit(): void {
    this.schedule.register(this);
  }

  async run(): Promise<RunSummary> {
    const done = await purgeIdempotencyKeys(this.uow);
    return { found: done, done, failed: 0, skipped: [] };
  }
}
