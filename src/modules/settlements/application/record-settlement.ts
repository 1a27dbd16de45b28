import { Injectable } from '@nestjs/common';
import type { Actor } from '../../../kernel/actor';
import { newId } from '../../../kernel/ids';
import type { Tx } from '../../../kernel/tx';
import { Outbox } from '../../../platform/outbox';
import { Ledger } from '../../ledger';
import { SettlementRecorded } from '../contract';
import { settlementRecorded } from '../domain/accounting';
import type { Maker } from '../domain/approval';
import { PlanChanged, SettlementExists } from '../domain/errors';
import type { SettlementPlan } from '../domain/plan';
import { Settlement } from '../domain/settlement';
import type { SettlementSnapshot } from '../domain/settlement-snapshot';
import { PlanSettlement } from './plan-settlement';
import type { SettlementFacts } from './settlement-facts';
import { type Award, AwardStore, SettlementRepository } from './ports';
import { settlementRecord } from './audit-records';

export interface RecordCommand {
  readonly facts: SettlementFacts;
  /** The hash of the plan in the preview that the client agreed to. */
  readonly planHash?: string;
  readonly maker: Maker;
  readonly actor: Actor;
}

export interface RecordedSettlement {
  readonly settlement: SettlementSnapshot;
  /** False if the contest was already recorded with the same content. */
  readonly isNew: boolean;
}

/** Records a settlement and its ledger entry. Above the tenant's limit it then waits for an approval. */
@Injectable()
export class RecordSettlement {
  constructor(
    private readonly planSettlement: PlanSettlement,
    private readonly settlements: SettlementRepository,
    private readonly awards: AwardStore,
    private readonly ledger: Ledger,
    private readonly outbox: Outbox,
  ) {}

  /** @throws SettlementNotRecordable, PlanChanged, SettlementExists */
  async execute(tx: Tx, { facts, planHash, maker, actor }: RecordCommand): Promise<RecordedSettlement> {
    const { plan, approvalAbove } = await this.planSettlement.execute(tx, facts);
    if (planHash !== undefined && planHash !== plan.hash) throw new PlanChanged(planHash, plan.hash);
    const allowRemainder = facts.kind === 'given' && facts.allowRemainder;
    const settlement = Settlement.record(
      plan,
      { allowRemainder, rail: facts.rail, approvalAbove },
      { id: newId(), ...maker, at: new Date() },
    ).snapshot();
    // Inserted first: a concurrent request for the same contest waits here for the unique index. The loop
    // repeats if the other settlement was cancelled between the insert and the read.
    while (!(await this.settlements.add(tx, settlement))) {
      const holder = await this.settlements.ofContest(tx, plan.contestId);
      if (holder) return { settlement: sameContent(holder, plan, facts), isNew: false };
    }
    await this.awards.add(tx, settlement.id, awardsOf(plan, facts));
    await this.ledger.post(tx, [settlementRecorded.build(entryInput(settlement, plan))]);
    await this.outbox.publish(tx, [SettlementRecorded.of({ settlement_id: settlement.id })], {
      actor,
      records: [settlementRecord('recorded', settlement)],
    });
    return { settlement, isNew: true };
  }
}

function sameContent(
  holder: SettlementSnapshot,
  plan: SettlementPlan,
  { rail }: SettlementFacts,
): SettlementSnapshot {
  if (holder.resultHash !== plan.hash || holder.rail !== rail)
    throw new SettlementExists(plan.contestId, holder.id);
  return holder;
}

function awardsOf(plan: SettlementPlan, facts: SettlementFacts): Award[] {
  return plan.awards.map(({ position, payee, amount, rank, explanation }) => ({
    id: newId(),
    position,
    recipientId: payee,
    amountMinor: amount,
    rank: rank ?? null,
    explanation: facts.kind === 'computed' ? explanation : null,
  }));
}

function entryInput(
  { id, currency, platformShareMinor, remainderMinor, createdBy: actor }: SettlementSnapshot,
  plan: SettlementPlan,
) {
  const awards = plan.awards.map(({ payee, amount }) => ({ recipientId: payee, amountMinor: amount }));
  return { settlementId: id, currency, from: 0, awards, platformShareMinor, remainderMinor, actor };
}
