import { SqlMigration } from '../../../../../platform/database';

/**
 * In the order of lists. Without them a page of a rail or currency that few payouts have is looked for through all payouts, or
 * all of the currency are sorted. Ids rise, so that each index is written at one edge per rail or currency.
 */
export class PayoutsByRailAndCurrency1763750010000 extends SqlMigration {
  readonly name = 'PayoutsByRailAndCurrency1763750010000';

  statements(): string[] {
    return [
      `CREATE INDEX payouts_by_rail ON payouts.payouts (tenant_id, rail, id)`,
      `CREATE INDEX payouts_by_currency ON payouts.payouts (tenant_id, currency, id)`,
    ];
  }
}
