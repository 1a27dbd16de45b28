import type { TenantId } from '../../kernel/ids';
import type { UnitOfWork } from '../../kernel/tx';
import { sql } from '../database';
import { type Log, scrubbed } from '../logging';
import type { Metrics } from '../metrics';
import type { RelayLimits } from './limits';
import type { AnyEventHandler, RegisteredHandlers } from './registered-handlers';
import { recordFailures } from './sql/event-failures.sql';
import { type EventRow, readList } from './sql/read-list.sql';
import { giveBack, markDelivered, postpone } from './sql/settle-events.sql';
import { DeliverToConsumer, type Undelivered } from './deliver-to-consumer';

const ERROR_CHARS_MAX = 500;

/** Events of one tenant that this process may tell until the lease ends. */
export interface ClaimedList {
  readonly tenant: TenantId;
  readonly ids: string[];
  readonly lease: string;
}

/** Events that are not done yet, and when they come again. */
interface Left {
  readonly failed: Set<string>;
  readonly away: Set<string>;
}

/**
 * Tells a claimed list of one tenant to everybody who wants to hear it, and notes for each event what became
 * of it.
 */
export class DeliverBatch {
  private readonly consumers: DeliverToConsumer;

  constructor(
    private readonly uow: UnitOfWork,
    private readonly reactions: RegisteredHandlers,
    private readonly limits: RelayLimits,
    private readonly log: Log,
    private readonly metrics: Metrics,
  ) {
    this.consumers = new DeliverToConsumer(uow);
  }

  async run({ tenant, ids, lease }: ClaimedList): Promise<void> {
    // Payloads are the tenant's: the login that found the events across tenants cannot read them.
    const events = await this.uow.run(tenant, (tx) => sql(tx).rows(readList({ tenant, ids })), {
      readOnly: true,
    });
    const left: Left = { failed: new Set(), away: new Set() };
    for (const reaction of this.reactions.all()) await this.tell(tenant, reaction, events, left);
    await this.settle({ tenant, ids, lease }, left);
  }

  private async tell(
    tenant: TenantId,
    reaction: AnyEventHandler,
    events: readonly EventRow[],
    left: Left,
  ): Promise<void> {
    const mine = events.filter(
      ({ name, settled }) => reaction.events.includes(name) && !settled.includes(reaction.consumer),
    );
    const suspects = mine.filter(({ failed }) => failed.includes(reaction.consumer));
    const untold = await this.consumers.run(
      tenant,
      reaction,
      mine.filter((event) => !suspects.includes(event)).map(received),
    );
    // What failed before is told alone, so that it does not take a list apart each time it comes.
    for (const suspect of suspects)
      untold.push(...(await this.consumers.run(tenant, reaction, [received(suspect)])));
    untold.filter(({ away }) => away).forEach(({ id }) => left.away.add(id));
    const parked = await this.record(tenant, reaction.consumer, untold);
    untold.filter(({ id, away }) => !away && !parked.has(id)).forEach(({ id }) => left.failed.add(id));
  }

  private async record(
    tenant: TenantId,
    consumer: string,
    untold: readonly Undelivered[],
  ): Promise<Set<string>> {
    const failures = untold.filter(({ away }) => !away);
    if (untold.length > 0)
      this.log.warn('outbox.not_told', {
        tenantId: tenant,
        consumer,
        failed: failures.length,
        away: untold.length - failures.length,
        error: untold[0]?.error,
      });
    if (failures.length === 0) return new Set();
    const [ids, errors] = [failures.map(({ id }) => id), failures.map(({ error }) => inWords(error))];
    const rows = await this.uow.run(tenant, (tx) =>
      sql(tx).rows(recordFailures({ tenant, consumer, ids, errors, triesMax: this.limits.triesMax })),
    );
    for (const { event_id } of rows)
      this.log.error('outbox.event_parked', {
        tenantId: tenant,
        consumer,
        eventId: event_id,
        remedy: 'mend the consumer, then release the event',
      });
    this.metrics
      .counter({
        name: 'disburse_outbox_failures_total',
        help: 'Events a consumer failed on.',
        labels: ['consumer'],
      })
      .inc({ consumer }, ids.length);
    this.metrics
      .counter({
        name: 'disburse_outbox_parked_total',
        help: 'Events given up after all tries: alert.',
        labels: ['consumer'],
      })
      .inc({ consumer }, rows.length);
    return new Set(rows.map(({ event_id }) => event_id));
  }

  private async settle({ tenant, ids, lease }: ClaimedList, { failed, away }: Left): Promise<void> {
    const { pauseMs, pauseMaxMs, awayMs } = this.limits;
    const told = ids.filter((id) => !failed.has(id) && !away.has(id));
    await this.uow.runForSystem(async (tx) => {
      if (told.length) await sql(tx).count(markDelivered({ tenant, lease, ids: told }));
      if (failed.size)
        await sql(tx).count(postpone({ tenant, lease, ids: [...failed], pauseMs, pauseMaxMs }));
      const onlyAway = [...away].filter((id) => !failed.has(id));
      if (onlyAway.length) await sql(tx).count(giveBack({ tenant, lease, ids: onlyAway, pauseMs: awayMs }));
    });
    this.metrics
      .counter({ name: 'disburse_outbox_delivered_total', help: 'Events told to everybody who hears them.' })
      .inc(told.length);
  }
}

function received({ id, name, payload, occurred_at }: EventRow) {
  return { id, name, payload, occurredAt: occurred_at };
}

function inWords(error: unknown): string {
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return scrubbed(text).slice(0, ERROR_CHARS_MAX) || 'an error without words';
}
