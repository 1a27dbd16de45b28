import { Injectable } from '@nestjs/common';
import { newId } from '../../../../kernel/ids';
import { type Tx, UnitOfWork } from '../../../../kernel/tx';
import { sql } from '../../../../platform/database';
import { type BalanceReading, type FundingFact, FundingFactStore } from '../../application/ports';
import { balancesOf, insertFundingFacts, storeBalances } from './sql/funding.sql';

@Injectable()
export class PostgresFundingFactStore extends FundingFactStore {
  constructor(private readonly uow: UnitOfWork) {
    super();
  }

  async add(tx: Tx, facts: readonly FundingFact[]): Promise<(FundingFact & { id: string })[]> {
    if (!facts.length) return [];
    const drafts = facts.map((fact) => ({ ...fact, id: newId() }));
    const added = new Set(
      (await sql(tx).rows(insertFundingFacts(this.uow.tenantOf(tx), drafts))).map((row) => row.id),
    );
    return drafts.filter((draft) => added.has(draft.id));
  }

  async balancesOf(tx: Tx, railAccountId: string): Promise<BalanceReading[]> {
    const rows = await sql(tx).rows(balancesOf(railAccountId));
    return rows.map((row) => ({
      currency: row.currency,
      availableMinor: row.available_minor,
      asOf: row.as_of,
    }));
  }

  async storeBalances(tx: Tx, railAccountId: string, readings: readonly BalanceReading[]): Promise<void> {
    if (readings.length) await sql(tx).count(storeBalances(this.uow.tenantOf(tx), railAccountId, readings));
  }
}
