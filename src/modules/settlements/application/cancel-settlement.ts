import { Injectable } from '@nestjs/common';
import { nameOf, type Actor } from '../../../kernel/actor';
import { type Tx, UnitOfWork } from '../../../kernel/tx';
import { AuditTrail } from '../../../platform/audit';
import { WakeUps } from '../../../platform/queue';
import { SettlementCancelled } from '../contract';
import { SettlementNotFound } from '../domain/errors';
import { Settlement, type SettlementSnapshot } from '../domain/settlement';
import { AdvanceSettlement } from './advance-settlement';
import { SettlementStore } from './ports';
import { SETTLEMENTS_QUEUE, wakeUpKey } from './wake-up-key';

/** Takes a settlement back before its transfers are made. */
@Injectable()
export class CancelSettlement {
  constructor(
    private readonly uow: UnitOfWork,
    private readonly settlements: SettlementStore,
    private readonly advanceSettlement: AdvanceSettlement,
    private readonly wakeUps: WakeUps,
    private readonly audit: AuditTrail,
  ) {}

  /**
   * Throws SettlementNotFound, InvalidTransition. A settlement of many awards answers as cancelling and goes
   * on by itself.
   */
  async execute(tx: Tx, id: string, reason: string, actor: Actor): Promise<SettlementSnapshot> {
    // The lock decides between this and the scheduler: the one that comes second sees what the first has
    // done.
    const snapshot = await this.settlements.lock(tx, id);
    if (!snapshot) throw new SettlementNotFound();
    const settlement = Settlement.rehydrate(snapshot);
    settlement.cancel(reason, nameOf(actor), new Date());
    await this.advanceSettlement.cancelChunk(tx, settlement);
    await this.settlements.save(tx, settlement.snapshot());
    const [before, after] = [{ status: snapshot.state }, { status: settlement.snapshot().state, reason }];
    await this.audit.record(tx, actor, {
      action: SettlementCancelled.name,
      entity: { kind: 'settlement', id },
      before,
      after,
    });
    if (settlement.snapshot().state === 'cancelling') {
      const key = wakeUpKey(this.uow.tenantOf(tx), id);
      this.uow.afterCommit(tx, async () => this.wakeUps.wake(SETTLEMENTS_QUEUE, key));
    }
    return settlement.snapshot();
  }
}
