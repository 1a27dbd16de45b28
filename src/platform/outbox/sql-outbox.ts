import { newId } from '../../kernel/ids';
import type { Tx, UnitOfWork, Write } from '../../kernel/tx';
import { insertRecords, type Audited } from '../audit';
import { writeOf } from '../database';
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
    if (events.length > 0) await this.uow.write(tx, [this.prepare(tx, events, audited)]);
  }

  prepare(tx: Tx, events: readonly OutboxEvent[], audited?: Audited): Write {
    const tenant = this.uow.tenantOf(tx);
    this.uow.afterCommit(tx, () => Promise.resolve(this.hint()));
    const told = insertEvents({
      tenant,
      ids: events.map(() => newId()),
      names: events.map(({ name }) => name),
      payloads: events.map(({ payload }) => JSON.stringify(payload)),
    });
    return audited ? writeOf(insertRecords(tenant, audited.actor, audited.records), told) : writeOf(told);
  }
}
