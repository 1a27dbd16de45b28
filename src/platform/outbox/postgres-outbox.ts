import type { DomainEvent } from '../../kernel/events';
import type { Tx, UnitOfWork, PendingWrite } from '../../kernel/tx';
import { insertRecords, type Audited } from '../audit';
import { pendingWrite } from '../database';
import { Outbox } from './outbox';
import { insertEvents } from './sql/insert-events.sql';

export class PostgresOutbox extends Outbox {
  constructor(
    private readonly uow: UnitOfWork,
    /** May be lost: the relay also polls. */
    private readonly hint: () => void,
  ) {
    super();
  }

  async publish(tx: Tx, events: readonly DomainEvent[], audited?: Audited): Promise<void> {
    if (events.length > 0) await this.uow.write(tx, this.pendingWrites(tx, events, audited ? [audited] : []));
  }

  pendingWrites(tx: Tx, events: readonly DomainEvent[], audited: readonly Audited[]): PendingWrite[] {
    this.uow.afterCommit(tx, () => Promise.resolve(this.hint()));
    const records = audited.flatMap(({ actor, records }) => records.map((record) => ({ actor, record })));
    return [pendingWrite(insertRecords, records), pendingWrite(insertEvents, events)];
  }
}
