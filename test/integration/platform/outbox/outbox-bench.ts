import type { TenantId } from '../../../../src/kernel/ids';
import type { Tx, UnitOfWork } from '../../../../src/kernel/tx';
import { Metrics } from '../../../../src/platform/metrics';
import type { OutboxEvent, EventHandler, ReceivedEvent } from '../../../../src/platform/outbox';
import { RELAY_LIMITS, type RelayLimits } from '../../../../src/platform/outbox/limits';
import { OutboxMaintenance } from '../../../../src/platform/outbox/outbox-maintenance';
import { ParkedEvents } from '../../../../src/platform/outbox/parked-events';
import { RegisteredHandlers } from '../../../../src/platform/outbox/registered-handlers';
import { Relay } from '../../../../src/platform/outbox/relay';
import { PostgresOutbox } from '../../../../src/platform/outbox/postgres-outbox';
import { DeliverBatch } from '../../../../src/platform/outbox/deliver-batch';
import { testDatabase, type TestDatabase } from '../../../support';
import { QuietLog } from '../quiet-log';

/** Retries at once: what matters is how often, not how long between. */
const QUICK: RelayLimits = { ...RELAY_LIMITS, pollMs: 20, pauseMs: 1, pauseMaxMs: 1, awayMs: 20 };

/** One process as far as the outbox goes: its own reactions, relay, log and figures on a shared database. */
export class Process {
  readonly log = new QuietLog();
  readonly metrics = new Metrics();
  readonly reactions = new RegisteredHandlers();
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
      this.reactions,
      new DeliverBatch(uow, this.reactions, l, this.log, this.metrics),
      l,
      this.log,
    );
    this.outbox = new PostgresOutbox(uow, () => {
      this.hints++;
      this.relay.hint();
    });
  }

  publish(tenant: TenantId, events: OutboxEvent[]): Promise<void> {
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

  care(): OutboxMaintenance {
    return new OutboxMaintenance(this.database.uow, new Metrics());
  }

  parked(): ParkedEvents {
    return new ParkedEvents(this.database.uow);
  }

  async pending(): Promise<number> {
    return (await this.care().state()).pending;
  }

  async stop(): Promise<void> {
    await Promise.all(this.processes.splice(0).map(({ relay }) => relay.stop()));
  }

  async close(): Promise<void> {
    await this.stop();
    await this.database.close();
  }
}

/** Notes what it was told, in the order and the lists in which it was told. */
export class Listener implements EventHandler {
  readonly lists: ReceivedEvent[][] = [];

  constructor(
    readonly consumer: string,
    readonly events: string[],
    private readonly also: (tx: Tx, events: readonly ReceivedEvent[]) => Promise<void> | void = () =>
      undefined,
  ) {}

  async handle(tx: Tx, events: readonly ReceivedEvent[]): Promise<void> {
    await this.also(tx, events);
    this.lists.push([...events]);
  }

  get told(): ReceivedEvent[] {
    return this.lists.flat();
  }

  numbers(): unknown[] {
    return this.told.map(({ payload }) => payload['n']);
  }
}

export function numbered(count: number, name = 'thing.happened'): OutboxEvent[] {
  return Array.from({ length: count }, (_, n) => ({ name, payload: { n } }));
}
