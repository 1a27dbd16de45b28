import { defineEvent, type DomainEvent, type EventType } from '../../../../src/kernel/events';
import type { TenantId } from '../../../../src/kernel/ids';
import type { Tx, UnitOfWork } from '../../../../src/kernel/tx';
import { Metrics } from '../../../../src/platform/metrics';
import type { EventHandler, ReceivedEvent } from '../../../../src/platform/outbox';
import { RELAY_LIMITS, type RelayLimits } from '../../../../src/platform/outbox/limits';
import { OutboxMaintenance } from '../../../../src/platform/outbox/outbox-maintenance';
import { ParkedEvents } from '../../../../src/platform/outbox/parked-events';
import { RegisteredHandlers } from '../../../../src/platform/outbox/registered-handlers';
import { Relay } from '../../../../src/platform/outbox/relay';
import { PostgresOutbox } from '../../../../src/platform/outbox/postgres-outbox';
import { DeliverBatch } from '../../../../src/platform/outbox/deliver-batch';
import { testDatabase, type TestDatabase } from '../../../support';
import { QuietLog } from '../quiet-log';

/** Retries at once: the tests count tries and do not measure pauses. */
const QUICK: RelayLimits = { ...RELAY_LIMITS, pollMs: 20, pauseMs: 1, pauseMaxMs: 1, unavailableMs: 20 };

/** One process as far as the outbox goes: its own handlers, relay, log and metrics on a shared database. */
export class Process {
  readonly log = new QuietLog();
  readonly metrics = new Metrics();
  readonly handlers = new RegisteredHandlers();
  readonly relay: Relay;
  readonly outbox: PostgresOutbox;
  hints = 0;

  constructor(
    readonly uow: UnitOfWork,
    limits: Partial<RelayLimits> = {},
  ) {
    const l = { ...QUICK, ...limits };
    this.relay = new Relay(
      uow,
      this.handlers,
      new DeliverBatch(uow, this.handlers, l, this.log, this.metrics),
      l,
      this.log,
    );
    this.outbox = new PostgresOutbox(uow, () => {
      this.hints++;
      this.relay.hint();
    });
  }

  publish(tenant: TenantId, events: DomainEvent[]): Promise<void> {
    return this.uow.run(tenant, (tx) => this.outbox.publish(tx, events));
  }
}

export class OutboxBench {
  readonly processes: Process[] = [];

  private constructor(readonly database: TestDatabase) {}

  static async open(): Promise<OutboxBench> {
    const database = await testDatabase();
    return new OutboxBench(database);
  }

  process(limits?: Partial<RelayLimits>): Process {
    const process = new Process(this.database.uow, limits);
    this.processes.push(process);
    return process;
  }

  maintenance(): OutboxMaintenance {
    return new OutboxMaintenance(this.database.uow, new Metrics());
  }

  parked(): ParkedEvents {
    return new ParkedEvents(this.database.uow);
  }

  async pending(): Promise<number> {
    return (await this.maintenance().state()).pending;
  }

  /** Marks the tenant's events as delivered, so that other tests do not see them. */
  async retire(tenant: TenantId): Promise<void> {
    await this.database.system.query(
      `UPDATE platform.outbox SET delivered_at = now() WHERE tenant_id = '${tenant}'`,
    );
  }

  async stop(): Promise<void> {
    await Promise.all(this.processes.splice(0).map(({ relay }) => relay.stop()));
  }

  async close(): Promise<void> {
    await this.stop();
    await this.database.close();
  }
}

type Payload = Readonly<Record<string, unknown>>;
type Received = ReceivedEvent<Payload>;

/** An event type that accepts every payload. */
export function anyEvent(name: string): EventType<Payload> {
  return defineEvent<Payload>(name, {});
}

/** Records the events it receives, in order and by batch. */
export class RecordingHandler implements EventHandler<Payload> {
  readonly batches: Received[][] = [];
  readonly events: EventType<Payload>[];

  constructor(
    readonly consumer: string,
    names: readonly string[],
    private readonly also: (tx: Tx, events: readonly Received[]) => Promise<void> | void = () => undefined,
  ) {
    this.events = names.map(anyEvent);
  }

  async handle(tx: Tx, events: readonly Received[]): Promise<void> {
    await this.also(tx, events);
    this.batches.push([...events]);
  }

  get received(): Received[] {
    return this.batches.flat();
  }

  numbers(): unknown[] {
    return this.received.map(({ payload }) => payload['n']);
  }
}

export function numbered(count: number, name = 'thing.happened'): DomainEvent[] {
  return Array.from({ length: count }, (_, n) => ({ name, payload: { n } }));
}
