import { Injectable } from '@nestjs/common';
import type { DomainEvent } from '../../../kernel/events';
import type { Tx } from '../../../kernel/tx';
import { Outbox } from '../../../platform/outbox';
import { Ledger } from '../../ledger';
import { FundsArrived } from '../contract';
import { moneyPutIn, moneyTakenOut } from '../domain/accounting';
import { type BalanceReading, type FundingFact, FundingFacts } from './ports';

/**
 * Writes what is learnt about money outside: each movement once, with its ledger entry, and the news that
 * money may be there.
 */
@Injectable()
export class RecordFunding {
  constructor(
    private readonly facts: FundingFacts,
    private readonly ledger: Ledger,
    private readonly outbox: Outbox,
  ) {}

  /** Answers the facts that were new. */
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
   * Keeps a reading and tells of money that may be new: any change to a balance above zero. Only what rose
   * was rejected: money that was spent and replaced between two readings does not rise, and those who wait
   * for it would wait on.
   */
  async balances(tx: Tx, railAccountId: string, readings: readonly BalanceReading[]): Promise<number> {
    const known = new Map(
      (await this.facts.balancesOf(tx, railAccountId)).map((reading) => [reading.currency, reading]),
    );
    const moved = readings.filter(
      (reading) =>
        reading.availableMinor > 0n && known.get(reading.currency)?.availableMinor !== reading.availableMinor,
    );
    await this.facts.keepBalances(tx, railAccountId, readings);
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
