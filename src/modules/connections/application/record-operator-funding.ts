import { Injectable } from '@nestjs/common';
import { nameOf, type Actor } from '../../../kernel/actor';
import { currencyOf, InvalidAmount, Money } from '../../../kernel/money';
import type { Tx } from '../../../kernel/tx';
import { AuditTrail } from '../../../platform/audit';
import { FundingFactExists, RailAccountUnknown } from '../domain/errors';
import { type FundingFact, RailAccountStore } from './ports';
import { RecordFunding } from './record-funding';

export interface OperatorFunding {
  readonly railAccountId: string;
  readonly direction: 'in' | 'out';
  readonly amount: string;
  readonly currency: string;
  readonly reference: string;
  readonly reason: string;
  readonly actor: Actor;
}

/** Records a movement that the provider does not report. The reference is the evidence. */
@Injectable()
export class RecordOperatorFunding {
  constructor(
    private readonly accounts: RailAccountStore,
    private readonly recordFunding: RecordFunding,
    private readonly audit: AuditTrail,
  ) {}

  async execute(tx: Tx, command: OperatorFunding): Promise<FundingFact & { id: string }> {
    const money = Money.parse(command.amount, currencyOf(command.currency));
    if (!money.isPositive()) throw new InvalidAmount('amount must be above 0');
    if (!(await this.accounts.byId(tx, command.railAccountId))) throw new RailAccountUnknown();
    const { railAccountId, reference, direction, reason, actor } = command;
    const fact: FundingFact = {
      railAccountId,
      source: 'operator',
      reference,
      direction,
      amountMinor: money.minor,
      currency: money.currency,
      reason,
      actor: nameOf(actor),
    };
    const [added] = await this.recordFunding.movements(tx, [fact]);
    if (!added) throw new FundingFactExists(reference);
    const after = { rail_account_id: railAccountId, direction, ...money.toJSON(), reference, reason };
    await this.audit.record(tx, actor, {
      action: 'funding_fact.recorded',
      entity: { kind: 'funding_fact', id: added.id },
      after,
    });
    return added;
  }
}
