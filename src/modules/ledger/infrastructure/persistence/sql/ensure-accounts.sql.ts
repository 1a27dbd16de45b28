import type { Sql } from '../../../../../platform/database';
import { accountType } from '../../../domain/chart';
import type { AccountRef } from '../../../domain/posting';

/**
 * Creates missing accounts with balance 0: an upsert of a delta would fail the CHECK of the floor before the
 * conflict is found. In account order, to prevent deadlocks.
 */
const TEXT = `
  INSERT INTO ledger.accounts (tenant_id, id, kind, owner, purpose, currency, minor)
  SELECT $1, a.id, a.kind, a.owner, a.purpose, a.currency, CASE WHEN a.stored THEN 0 END
    FROM unnest($2::uuid[], $3::text[], $4::uuid[], $5::text[], $6::text[], $7::boolean[])
      AS a (id, kind, owner, purpose, currency, stored)
   ORDER BY a.id
  ON CONFLICT DO NOTHING`;

export interface NamedAccount {
  readonly id: string;
  readonly ref: AccountRef;
}

export function ensureAccounts(tenant: string, accounts: readonly NamedAccount[]): Sql<unknown> {
  const refs = accounts.map(({ ref }) => ref);
  return {
    name: 'ledger.ensure-accounts',
    text: TEXT,
    values: [
      tenant,
      accounts.map(({ id }) => id),
      refs.map((ref) => ref.kind),
      refs.map((ref) => ref.owner),
      refs.map((ref) => ref.purpose),
      refs.map((ref) => ref.currency),
      refs.map((ref) => accountType(ref.kind).stored),
    ],
  };
}
