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
import { EventSubscriptions, Outbox } from './outbox';
import { OutboxMaintenance } from './outbox-maintenance';
import { ParkedEvents } from './parked-events';
import { RegisteredHandlers } from './registered-handlers';
import { Relay } from './relay';
import { PostgresOutbox } from './postgres-outbox';
import { DeliverBatch } from './deliver-batch';

const RELAY = 'relay';
const PURGE_EVERY_MS = 3_600_000;

/** The relay runs in workers; processes without the role worker wake it through the queue. */
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
    private readonly maintenance: OutboxMaintenance,
    private readonly wakeUps: WakeUps,
    private readonly schedule: Schedule,
    private readonly environment: Environment,
  ) {}

  onModuleInit(): void {
    this.schedule.register({
      name: 'purge-outbox',
      everyMs: PURGE_EVERY_MS,
      ofInstallation: true,
      run: () => this.maintenance.purge(),
    });
    this.maintenance.watch();
  }

  /** After every module has registered its handlers: the relay marks events without a handler as delivered. */
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
  handlers: RegisteredHandlers,
  environment: Environment,
  log: Log,
  metrics: Metrics,
): Relay {
  const limits = { ...RELAY_LIMITS, pollMs: environment.outboxPollMs };
  return new Relay(uow, handlers, new DeliverBatch(uow, handlers, limits, log, metrics), limits, log);
}

function outbox(uow: UnitOfWork, relay: Relay, wakeUps: WakeUps): Outbox {
  return new PostgresOutbox(uow, () => (relay.isRunning ? relay.hint() : wakeUps.wake(OUTBOX_QUEUE, RELAY)));
}
