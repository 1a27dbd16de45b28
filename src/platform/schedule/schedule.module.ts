import {
  type BeforeApplicationShutdown,
  Global,
  Module,
  type OnApplicationBootstrap,
  type OnModuleInit,
} from '@nestjs/common';
import { ScheduleModule as Timers, SchedulerRegistry } from '@nestjs/schedule';
import { UnitOfWork } from '../../kernel/tx';
import { Environment } from '../config';
import { sql } from '../database';
import { Log } from '../logging';
import { Metrics } from '../metrics';
import { type RunSummary, Schedule } from './schedule';
import { purgeRuns } from './sql/record-run.sql';
import { TickingSchedule } from './ticking-schedule';

const KEPT_MS = 7 * 86_400_000;
const PURGE_EVERY_MS = 3_600_000;

@Global()
@Module({
  imports: [Timers.forRoot()],
  providers: [
    {
      provide: TickingSchedule,
      useFactory: (uow: UnitOfWork, timers: SchedulerRegistry, log: Log, metrics: Metrics) =>
        new TickingSchedule(uow, timers, log, metrics),
      inject: [UnitOfWork, SchedulerRegistry, Log, Metrics],
    },
    { provide: Schedule, useExisting: TickingSchedule },
  ],
  exports: [Schedule],
})
export class ScheduleModule implements OnModuleInit, OnApplicationBootstrap, BeforeApplicationShutdown {
  constructor(
    private readonly schedule: TickingSchedule,
    private readonly environment: Environment,
    private readonly uow: UnitOfWork,
  ) {}

  onModuleInit(): void {
    this.schedule.register({
      name: 'purge-scheduled-runs',
      everyMs: PURGE_EVERY_MS,
      ofInstallation: true,
      run: () => this.purge(),
    });
  }

  onApplicationBootstrap(): void {
    this.schedule.start({
      shared: this.environment.has('scheduler'),
      perProcess: this.environment.has('worker'),
    });
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.schedule.stop();
  }

  private async purge(): Promise<RunSummary> {
    const done = await this.uow.runForSystem((tx) => sql(tx).count(purgeRuns({ olderThanMs: KEPT_MS })));
    return { found: done, done, failed: 0, skipped: [] };
  }
}
