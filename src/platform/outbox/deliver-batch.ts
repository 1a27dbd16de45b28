import type { TenantId } from '../../kernel/ids';
import type { UnitOfWork } from '../../kernel/tx';
import { sql } from '../database';
import { type Log, scrubbed } from '../logging';
import type { Metrics } from '../metrics';
import { DeliverToConsumer, type Undelivered } from './deliver-to-consumer';
import type { RelayLimits } from './limits';
import type { AnyEventHandler, RegisteredHandlers } from './registered-handlers';
import { recordFailures } from './sql/event-failures.sql';
import { type EventRow, readBatch } from './sql/read-batch.sql';
import { giveBack, markDelivered, postpone } from './sql/settle-events.sql';

const ERROR_CHARS_MAX = 500;

/** Events of one tenant that this process may deliver until the lease ends. */
export interface ClaimedBatch {
  readonly tenant: TenantId;
  readonly ids: string[];
  readonly lease: string;
}

/** Events that at least one handler has not had; they are delivered again. */
interface Unfinished {
  readonly failed: Set<string>;
  readonly unavailable: Set<string>;
}

/** Delivers a claimed batch of one tenant to every subscribed handler, and records the result per event. */
export class DeliverBatch {
  private readonly toConsumer: DeliverToConsumer;

  constructor(
    private readonly uow: UnitOfWork,
    private readonly handlers: RegisteredHandlers,
    private readonly limits: RelayLimits,
    private readonly log: Log,
    private readonly metrics: Metrics,
  ) {
    this.toConsumer = new DeliverToConsumer(uow);
  }

  async deliver({ tenant, ids, lease }: ClaimedBatch): Promise<void> {
    // The login that claims events across tenants cannot read payloads.
    const events = await this.uow.run(tenant, (tx) => sql(tx).rows(readBatch({ tenant, ids })), {
      readOnly: true,
    });
    const unfinished: Unfinished = { failed: new Set(), unavailable: new Set() };
    for (const handler of this.handlers.all()) await this.deliverTo(tenant, handler, events, unfinished);
    await this.settle({ tenant, ids, lease }, unfinished);
  }

  private async deliverTo(
    tenant: TenantId,
    handler: AnyEventHandler,
    events: readonly EventRow[],
    unfinished: Unfinished,
  ): Promise<void> {
    const names = new Set(handler.events.map(({ name }) => name));
    const due = events.filter(({ name, settled }) => names.has(name) && !settled.includes(handler.consumer));
    const suspects = due.filter(({ failed }) => failed.includes(handler.consumer));
    const undelivered = await this.toConsumer.deliver(
      tenant,
      handler,
      due.filter((event) => !suspects.includes(event)),
    );
    // Events that failed before are delivered alone, so that they do not halve a batch each time.
    for (const suspect of suspects)
      undelivered.push(...(await this.toConsumer.deliver(tenant, handler, [suspect])));
    undelivered.filter(({ unavailable }) => unavailable).forEach(({ id }) => unfinished.unavailable.add(id));
    const parked = await this.record(tenant, handler.consumer, undelivered);
    undelivered
      .filter(({ id, unavailable }) => !unavailable && !parked.has(id))
      .forEach(({ id }) => unfinished.failed.add(id));
  }

  /** Counts the failures. Returns the ids of the events that are parked now. */
  private async record(
    tenant: TenantId,
    consumer: string,
    undelivered: readonly Undelivered[],
  ): Promise<Set<string>> {
    const failures = undelivered.filter(({ unavailable }) => !unavailable);
    if (undelivered.length > 0)
      this.log.warn('outbox.not_delivered', {
        tenantId: tenant,
        consumer,
        failed: failures.length,
        unavailable: undelivered.length - failures.length,
        error: undelivered[0]?.error,
      });
    if (failures.length === 0) return new Set();
    const [ids, errors] = [failures.map(({ id }) => id), failures.map(({ error }) => textOf(error))];
    const rows = await this.uow.run(tenant, (tx) =>
      sql(tx).rows(recordFailures({ tenant, consumer, ids, errors, triesMax: this.limits.triesMax })),
    );
    for (const { event_id } of rows)
      this.log.error('outbox.event_parked', {
        tenantId: tenant,
        consumer,
        eventId: event_id,
        remedy: 'fix the event handler, then release the event',
      });
    this.countFailures(consumer, ids.length, rows.length);
    return new Set(rows.map(({ event_id }) => event_id));
  }

  private countFailures(consumer: string, failed: number, parked: number): void {
    this.metrics
      .counter({
        name: 'disburse_outbox_failures_total',
        help: 'Events that an event handler failed on.',
        labels: ['consumer'],
      })
      .inc({ consumer }, failed);
    this.metrics
      .counter({
        name: 'disburse_outbox_parked_total',
        help: 'Events parked after the last try: alert.',
        labels: ['consumer'],
      })
      .inc({ consumer }, parked);
  }

  private async settle(
    { tenant, ids, lease }: ClaimedBatch,
    { failed, unavailable }: Unfinished,
  ): Promise<void> {
    const { pauseMs, pauseMaxMs, unavailableMs } = this.limits;
    const delivered = ids.filter((id) => !failed.has(id) && !unavailable.has(id));
    const notFailed = [...unavailable].filter((id) => !failed.has(id));
    await this.uow.runForSystem(async (tx) => {
      if (delivered.length) await sql(tx).count(markDelivered({ tenant, lease, ids: delivered }));
      if (failed.size)
        await sql(tx).count(postpone({ tenant, lease, ids: [...failed], pauseMs, pauseMaxMs }));
      if (notFailed.length)
        await sql(tx).count(giveBack({ tenant, lease, ids: notFailed, pauseMs: unavailableMs }));
    });
    this.metrics
      .counter({
        name: 'disburse_outbox_delivered_total',
        help: 'Events delivered to all of their handlers.',
      })
      .inc(delivered.length);
  }
}

function textOf(error: unknown): string {
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return scrubbed(text).slice(0, ERROR_CHARS_MAX) || 'an error without a message';
}
