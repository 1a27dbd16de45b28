import { Injectable } from '@nestjs/common';
import { newId } from '../../../../kernel/ids';
import { type Tx, UnitOfWork, type PendingWrite } from '../../../../kernel/tx';
import { sql, pendingWrite } from '../../../../platform/database';
import { ListResponseCache } from '../../../../platform/pagination/list-response-cache';
import { type MoneyEvent, PAYOUT_LIST, PayoutRepository } from '../../application/ports';
import { Payout, type PayoutSnapshot } from '../../domain/payout';
import { type EventToInsert, insertPayoutEvents } from './sql/payout-events.sql';
import { findPayout, insertPayouts, lockPayouts, updatePayouts } from './sql/payouts.sql';

@Injectable()
export class PostgresPayoutRepository extends PayoutRepository {
  constructor(
    private readonly uow: UnitOfWork,
    private readonly responses: ListResponseCache,
  ) {
    super();
  }

  pendingInsert(tx: Tx, payouts: readonly PayoutSnapshot[]): PendingWrite {
    this.responses.invalidate(tx, PAYOUT_LIST);
    return pendingWrite(insertPayouts, payouts);
  }

  find(tx: Tx, id: string): Promise<PayoutSnapshot | null> {
    return sql(tx).maybe(findPayout(this.uow.tenantOf(tx), id));
  }

  async lock(tx: Tx, ids: readonly string[]): Promise<Payout[]> {
    const snapshots = await sql(tx).rows(lockPayouts(this.uow.tenantOf(tx), ids));
    return snapshots.map((snapshot) => Payout.rehydrate(snapshot));
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
    this.responses.invalidate(tx, PAYOUT_LIST);
  }

  async recordMoneyEvents(tx: Tx, events: readonly MoneyEvent[]): Promise<void> {
    if (!events.length) return;
    this.responses.invalidate(tx, PAYOUT_LIST);
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
