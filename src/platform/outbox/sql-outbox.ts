import { newId } from '../../kernel/ids';
import type { Tx, UnitOfWork } from '../../kernel/tx';
import { insertRecords, type Audited } from '../audit';
import { alongside, sql } from '../database';
import { Outbox, type OutboxEvent } from './outbox';
import { insertEvents } from './sql/insert-events.sql';

export class SqlOutbox extends Outbox {
  constructor(
    private readonly uow: UnitOfWork,
    /** May be lost: the relay also looks by itself. */
    private readonly hint: () => void,
  ) {
    super();
  }

  async publish(tx: Tx, events: readonly OutboxEvent[], audited?: Audited): Promise<void> {
    if (events.length === 0) return;
    const tenant = this.uow.tenantOf(tx);
    const told = insertEvents({
      tenant,
      ids: events.map(() => newId()),
      names: events.map(({ name }) => name),
      payloads: events.map(({ payload }) => JSON.stringify(payload)),
    });
    await sql(tx).count(audited ? alongside(told, insertRecords(tenant, audited.actor, [audited.record])) : told);
    this.uow.afterCommit(tx, () => Promise.resolve(this.hint()));
  }
}
