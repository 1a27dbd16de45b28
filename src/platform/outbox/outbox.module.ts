import {
  type BeforeApplicationShutdown,
  Global,
  Module,
  type OnApplicationBootstrap,
  type OnModuleInit,
} from '@nestjs/common';
import { UnitOfWork } from '../../kernel/tx';
import { Environment } from '../config';
import { Log } from '../logging';
import { Metrics } from '../metrics';
import { OUTBOX_QUEUE, WakeUps } from '../queue';
import { Schedule } from '../schedule';
import { RELAY_LIMITS } from './limits';
import { Outbox, EventSubscriptions } from './outbox';
import { OutboxMaintenance } from './outbox-maintenance';
import { ParkedEvents } from './parked-events';
import { RegisteredHandlers } from './registered-handlers';
import { Relay } from './relay';
import { PostgresOutbox } from './postgres-outbox';
import { DeliverBatch } from './deliver-batch';

const RELAY = 'relay';
const PURGE_EVERY_MS = 3_600_000;

/** The relay runs where the worker runs; a process that only answers requests wakes it through the queue. */
@Global()
@Module({
  providers: [
    RegisteredHandlers,
    { provide: EventSubscriptions, useExisting: RegisteredHandlers },
    {
      provide: Relay,
      useFactory: relay,
      inject: [UnitOfWork, RegisteredHandlers, Environment, Log, Metrics],
    },
    { provide: Outbox, useFactory: outbox, inject: [UnitOfWork, Relay, WakeUps] },
    ParkedEvents,
    OutboxMaintenance,
  ],
  exports: [Outbox, EventSubscriptions, ParkedEvents, OutboxMaintenance],
})
export class OutboxModule implements OnModuleInit, OnApplicationBootstrap, BeforeApplicationShutdown {
  constructor(
    private readonly relay: Relay,
    private readonly care: OutboxMaintenance,
    private readonly wakeUps: WakeUps,
    private readonly schedule: Schedule,
    private readonly environment: Environment,
  ) {}

  onModuleInit(): void {
    this.schedule.register({
      name: 'purge-outbox',
      everyMs: PURGE_EVERY_MS,
      ofInstallation: true,
      run: () => this.care.purge(),
    });
    this.care.watch();
  }

  /** After every module has registered its reactions: a fact nobody hears is done with. */
  onApplicationBootstrap(): void {
    if (!this.environment.has('worker')) return;
    this.relay.start();
    this.wakeUps.consume(OUTBOX_QUEUE, () => Promise.resolve(this.relay.hint()), { concurrency: 1 });
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.relay.stop();
  }
}

function relay(
  uow: UnitOfWork,
  reactions: RegisteredHandlers,
  environment: Environment,
  log: Log,
  metrics: Metrics,
): Relay {
  const limits = { ...RELAY_LIMITS, pollMs: environment.outboxPollMs };
  return new Relay(uow, reactions, new DeliverBatch(uow, reactions, limits, log, metrics), limits, log);
}

function outbox(uow: UnitOfWork, relay: Relay, wakeUps: WakeUps): Outbox {
  return new PostgresOutbox(uow, () => (relay.isRunning ? relay.hint() : wakeUps.wake(OUTBOX_QUEUE, RELAY)));
}
