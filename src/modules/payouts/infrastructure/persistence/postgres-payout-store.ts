import { Injectable } from '@nestjs/common';
import { newId } from '../../../../kernel/ids';
import { type Tx, UnitOfWork, type PendingWrite } from '../../../../kernel/tx';
import { sql, pendingWrite } from '../../../../platform/database';
import { ListResponseCache } from '../../../../platform/http';
import { snapshotOf } from '../../application/list-payouts.query';
import { type MoneyEvent, PAYOUT_PAGES, PayoutStore } from '../../application/ports';
import { Payout, type PayoutSnapshot } from '../../domain/payout';
import { type EventToInsert, insertPayoutEvents } from './sql/insert-payout-events.sql';
import { lockPayouts } from './sql/lock-payouts.sql';
import { payoutById } from './sql/payout-by-id.sql';
import { insertPayouts } from './sql/payouts.sql';
import { updatePayouts } from './sql/update-payouts.sql';

@Injectable()
export class PostgresPayoutStore extends PayoutStore {
  constructor(
    private readonly uow: UnitOfWork,
    private readonly pages: ListResponseCache,
  ) {
    super();
  }

  adding(tx: Tx, payouts: readonly PayoutSnapshot[]): PendingWrite {
    this.pages.invalidate(tx, PAYOUT_PAGES);
    return pendingWrite(insertPayouts, payouts);
  }

  async find(tx: Tx, id: string): Promise<PayoutSnapshot | null> {
    const row = await sql(tx).maybe(payoutById(this.uow.tenantOf(tx), id));
    return row && snapshotOf(row);
  }

  async lock(tx: Tx, ids: readonly string[]): Promise<Payout[]> {
    const rows = await sql(tx).rows(lockPayouts(this.uow.tenantOf(tx), ids));
    return rows.map((row) => Payout.rehydrate(snapshotOf(row)));
  }

  async save(tx: Tx, payouts: readonly Payout[]): Promise<void> {
    const changed = payouts.filter(({ changes }) => changes.length > 0);
    if (!changed.length) return;
    const steps = changed.flatMap(({ changes }) =>
      changes.map((change): EventToInsert => ({ ...change, id: newId(), kind: 'status_changed' })),
    );
    await this.uow.write(tx, [
      pendingWrite(insertPayoutEvents, steps),
      pendingWrite(
        updatePayouts,
        changed.map((payout) => payout.snapshot()),
      ),
    ]);
    this.pages.invalidate(tx, PAYOUT_PAGES);
  }

  async note(tx: Tx, events: readonly MoneyEvent[]): Promise<void> {
    if (!events.length) return;
    const at = new Date();
    const rows = events.map(({ payout: { id, status }, kind, reason }): EventToInsert => ({
      id: newId(),
      payoutId: id,
      kind,
      from: status,
      to: status,
      reason,
      actor: 'worker',
      at,
    }));
    await sql(tx).count(insertPayoutEvents(this.uow.tenantOf(tx), rows));
  }
}
