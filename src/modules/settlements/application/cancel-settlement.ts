import { Injectable } from '@nestjs/common';
import { nameOf, type Actor } from '../../../kernel/actor';
import { type Tx, UnitOfWork } from '../../../kernel/tx';
import { AuditTrail } from '../../../platform/audit';
import { WakeUps } from '../../../platform/queue';
import { SettlementCancelled } from '../contract';
import { SettlementNotFound } from '../domain/errors';
import { Settlement } from '../domain/settlement';
import type { SettlementSnapshot } from '../domain/settlement-snapshot';
import { AdvanceSettlement } from './advance-settlement';
import { SettlementRepository } from './ports';
import { SETTLEMENTS_QUEUE, wakeUpKey } from './wake-up-key';

/** Cancels a settlement that is not expanded yet. */
@Injectable()
export class CancelSettlement {
  constructor(
    private readonly uow: UnitOfWork,
    private readonly settlements: SettlementRepository,
    private readonly advanceSettlement: AdvanceSettlement,
    private readonly wakeUps: WakeUps,
    private readonly audit: AuditTrail,
  ) {}

  /**
   * A settlement of more than one chunk is returned as `cancelling`; a worker cancels the other chunks.
   *
   * @throws SettlementNotFound, InvalidTransition
   */
  async execute(tx: Tx, id: string, reason: string, actor: Actor): Promise<SettlementSnapshot> {
    // This and an expansion run one after the other: the second sees the result of the first.
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
