import { Injectable } from '@nestjs/common';
import type { DomainEvent } from '../../../kernel/events';
import type { Tx } from '../../../kernel/tx';
import { Outbox } from '../../../platform/outbox';
import { Ledger } from '../../ledger';
import { FundsArrived } from '../contract';
import { moneyPutIn, moneyTakenOut } from '../domain/accounting';
import { type BalanceReading, type FundingFact, FundingFactStore } from './ports';

/** Records movements of money outside: each once, with its ledger entry and an event. */
@Injectable()
export class RecordFunding {
  constructor(
    private readonly facts: FundingFactStore,
    private readonly ledger: Ledger,
    private readonly outbox: Outbox,
  ) {}

  /** Returns the new facts. */
  async movements(tx: Tx, facts: readonly FundingFact[]): Promise<(FundingFact & { id: string })[]> {
    const added = await this.facts.add(tx, facts);
    await this.ledger.post(
      tx,
      added.map((fact) => (fact.direction === 'in' ? moneyPutIn : moneyTakenOut).build(fact)),
    );
    await this.tell(
      tx,
      added.filter((fact) => fact.direction === 'in'),
    );
    return added;
  }

  /**
   * Stores balances and publishes an event for every change to a balance above zero. An event for raised balances
   * only was rejected: money that is spent and replaced between two readings does not raise the balance, and
   * transfers that wait for it would not continue.
   */
  async balances(tx: Tx, railAccountId: string, readings: readonly BalanceReading[]): Promise<number> {
    const known = new Map(
      (await this.facts.balancesOf(tx, railAccountId)).map((reading) => [reading.currency, reading]),
    );
    const moved = readings.filter(
      (reading) =>
        reading.availableMinor > 0n && known.get(reading.currency)?.availableMinor !== reading.availableMinor,
    );
    await this.facts.storeBalances(tx, railAccountId, readings);
    await this.tell(
      tx,
      moved.map((reading) => ({ railAccountId, currency: reading.currency })),
    );
    return moved.length;
  }

  private async tell(
    tx: Tx,
    arrivals: readonly { railAccountId: string; currency: string }[],
  ): Promise<void> {
    const once = new Map<string, DomainEvent>();
    for (const { railAccountId, currency } of arrivals) {
      once.set(`${railAccountId}/${currency}`, FundsArrived.of({ rail_account_id: railAccountId, currency }));
    }
    if (once.size) await this.outbox.publish(tx, [...once.values()]);
  }
}
