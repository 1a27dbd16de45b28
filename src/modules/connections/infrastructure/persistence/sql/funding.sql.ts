import type { TenantId } from '../../../../../kernel/ids';
import type { Sql } from '../../../../../platform/database';
import type { BalanceReading, FundingFact } from '../../../application/ports';

/** Ordered by reference, so that two transactions with the same top-ups cannot deadlock. */
export function insertFundingFacts(
  tenant: TenantId,
  facts: readonly (FundingFact & { id: string })[],
): Sql<{ id: string }> {
  const sorted = [...facts].sort((a, b) => (a.reference < b.reference ? -1 : 1));
  const column = <K extends keyof (FundingFact & { id: string })>(name: K) =>
    sorted.map((fact) => fact[name]);
  return {
    text: `INSERT INTO connections.funding_facts (tenant_id, id, rail_account_id, source, reference,
      direction, amount_minor, currency, reason, actor)
           SELECT $1, * FROM unnest($2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::bigint[],
             $8::text[], $9::text[], $10::text[])
           ON CONFLICT (tenant_id, rail_account_id, reference) DO NOTHING RETURNING id`,
    values: [
      tenant,
      column('id'),
      column('railAccountId'),
      column('source'),
      column('reference'),
      column('direction'),
      column('amountMinor'),
      column('currency'),
      column('reason'),
      column('actor'),
    ],
  };
}

export function balancesOf(
  railAccountId: string,
): Sql<{ currency: string; available_minor: bigint; as_of: Date }> {
  return {
    text: `SELECT currency, available_minor, as_of FROM connections.balance_snapshots
            WHERE rail_account_id = $1 ORDER BY currency`,
    values: [railAccountId],
  };
}

/** An older balance never replaces a newer one: two polls may end in another order than they began. */
export function storeBalances(
  tenant: TenantId,
  railAccountId: string,
  readings: readonly BalanceReading[],
): Sql<never> {
  const sorted = [...readings].sort((a, b) => (a.currency < b.currency ? -1 : 1));
  return {
    text: `INSERT INTO connections.balance_snapshots
      AS known (tenant_id, rail_account_id, currency, available_minor, as_of)
           SELECT $1, $2, * FROM unnest($3::text[], $4::bigint[], $5::timestamptz[])
           ON CONFLICT (tenant_id, rail_account_id, currency)
           DO UPDATE SET available_minor = EXCLUDED.available_minor, as_of = EXCLUDED.as_of
             WHERE known.as_of < EXCLUDED.as_of`,
    values: [
      tenant,
      railAccountId,
      sorted.map((r) => r.currency),
      sorted.map((r) => r.availableMinor),
      sorted.map((r) => r.asOf),
    ],
  };
}
