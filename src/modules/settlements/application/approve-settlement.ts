import { Injectable } from '@nestjs/common';
import { currencyOf, Money } from '../../../kernel/money';
import type { Tx } from '../../../kernel/tx';
import { AuditTrail } from '../../../platform/audit';
import type { Actor } from '../../../kernel/actor';
import { Outbox } from '../../../platform/outbox';
import { SettlementApproved } from '../contract';
import type { Approval } from '../domain/approval';
import { SettlementNotFound } from '../domain/errors';
import { Settlement } from '../domain/settlement';
import type { SettlementSnapshot } from '../domain/settlement-snapshot';
import { SettlementRepository } from './ports';

export interface ApproveCommand {
  /** The hash of the plan that the approver saw. */
  readonly planHash: string;
  readonly reason: string | null;
  readonly approver: Pick<Approval, 'actor' | 'actorChain' | 'since'>;
  readonly actor: Actor;
}

/** Approves the plan of a settlement above the tenant's limit. After that the scheduler may expand it. */
@Injectable()
export class ApproveSettlement {
  constructor(
    private readonly settlements: SettlementRepository,
    private readonly outbox: Outbox,
    private readonly trail: AuditTrail,
  ) {}

  /** @throws SettlementNotFound, InvalidTransition, ApproverIsMaker, ApproverTooNew, PlanChanged */
  async execute(
    tx: Tx,
    id: string,
    { planHash, reason, approver, actor }: ApproveCommand,
  ): Promise<SettlementSnapshot> {
    // Concurrent approvals and cancellations run one after the other: the second sees the result of the first.
    const snapshot = await this.settlements.lock(tx, id);
    if (!snapshot) throw new SettlementNotFound();
    const settlement = Settlement.rehydrate(snapshot);
    settlement.approve({ ...approver, planHash, at: new Date() });
    const approved = settlement.snapshot();
    await this.settlements.save(tx, approved);
    await this.outbox.publish(tx, [SettlementApproved.of({ settlement_id: id })]);
    // `plan`, not `plan_hash`: the audit log redacts fields that are named as hashes, and this is no secret.
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
