import { Injectable } from '@nestjs/common';
import { currencyOf, Money } from '../../../kernel/money';
import type { Tx } from '../../../kernel/tx';
import { AuditTrail } from '../../../platform/audit';
import type { Actor } from '../../../kernel/actor';
import { Outbox } from '../../../platform/outbox';
import { SettlementApproved } from '../contract';
import type { Agreement } from '../domain/approval';
import { SettlementNotFound } from '../domain/errors';
import { Settlement, type SettlementSnapshot } from '../domain/settlement';
import { SettlementStore } from './ports';

export interface ApproveCommand {
  /** The plan the approver saw: its hash. */
  readonly planHash: string;
  readonly reason: string | null;
  readonly approver: Pick<Agreement, 'actor' | 'behind' | 'since'>;
  readonly actor: Actor;
}

/**
 * A second person agrees to the plan of a settlement above the tenant's limit; from then on the scheduler may
 * pay it.
 */
@Injectable()
export class ApproveSettlement {
  constructor(
    private readonly settlements: SettlementStore,
    private readonly outbox: Outbox,
    private readonly trail: AuditTrail,
  ) {}

  /** Throws SettlementNotFound, InvalidTransition, ApproverIsMaker, ApproverTooNew, PlanChanged. */
  async execute(
    tx: Tx,
    id: string,
    { planHash, reason, approver, actor }: ApproveCommand,
  ): Promise<SettlementSnapshot> {
    // The lock decides between two approvals, and between this and a cancellation: the second sees what the
    // first has done.
    const snapshot = await this.settlements.lock(tx, id);
    if (!snapshot) throw new SettlementNotFound();
    const settlement = Settlement.rehydrate(snapshot);
    settlement.approve({ ...approver, planHash, at: new Date() });
    const approved = settlement.snapshot();
    await this.settlements.save(tx, approved);
    await this.outbox.publish(tx, [SettlementApproved.of({ settlement_id: id })]);
    // `plan`, not `plan_hash`: what is named a hash is kept redacted, and this one is no secret.
    const after = {
      status: approved.state,
      plan: planHash,
      total: Money.of(approved.awardsMinor, currencyOf(approved.currency)).toText(),
      currency: approved.currency,
      reason,
    };
    await this.trail.record(tx, actor, {
      action: SettlementApproved.name,
      entity: { kind: 'settlement', id },
      before: { status: snapshot.state },
      after,
    });
    return approved;
  }
}
