import { Injectable } from '@nestjs/common';
import { isUuid } from '../../../../kernel/ids';
import { type Tx, UnitOfWork } from '../../../../kernel/tx';
import { sql } from '../../../../platform/database';
import type { PageWindow } from '../../../../kernel/page-window';
import { type ListedRecipient, RecipientReadStore, type RecipientFilters } from '../../application/ports';
import {
  defaultRailOf,
  type Payable,
  type Payee,
  type RecipientRef,
  type ResolvedRecipient,
} from '../../contract';
import * as statements from './sql/find-recipients.sql';

const REFS_MAX = 5_000;

@Injectable()
export class PostgresRecipientReadStore extends RecipientReadStore {
  constructor(private readonly uow: UnitOfWork) {
    super();
  }

  async byId(tx: Tx, id: string): Promise<ListedRecipient | null> {
    const row = isUuid(id) ? await sql(tx).maybe(statements.findListedById(id)) : null;
    return row && listedOf(row);
  }

  async list(
    tx: Tx,
    filters: RecipientFilters,
    window: PageWindow,
    text?: string,
  ): Promise<ListedRecipient[]> {
    const page =
      text === undefined
        ? statements.listRecipients(filters, window)
        : statements.searchRecipients(text, filters, window);
    return (await sql(tx).rows(page)).map(listedOf);
  }

  async resolve(tx: Tx, refs: readonly RecipientRef[]): Promise<(ResolvedRecipient | null)[]> {
    if (refs.length > REFS_MAX)
      throw new Error(`at most ${REFS_MAX} recipients are resolved at once, not ${refs.length}`);
    const ids: [number, string][] = [];
    const externals: [number, string][] = [];
    refs.forEach((ref, n) => {
      if ('externalId' in ref) externals.push([n, ref.externalId]);
      // An id that is no UUID is unknown; PostgreSQL would reject the whole statement.
      else if (isUuid(ref.recipientId)) ids.push([n, ref.recipientId]);
    });
    const found = new Array<ResolvedRecipient | null>(refs.length).fill(null);
    for (const row of await sql(tx).rows(
      statements.resolveRecipients(this.uow.tenantOf(tx), ids, externals),
    )) {
      found[row.n] = { id: row.id, externalId: row.external_id, name: row.name, isActive: row.is_active };
    }
    return found;
  }

  async payableOf(tx: Tx, ids: readonly string[]): Promise<Map<string, Payable>> {
    const rows = await sql(tx).rows(statements.findPayable(ids));
    return new Map(
      rows.map((row) => [
        row.id,
        {
          stripeAccountId: row.stripe_account_id,
          transfersCapability: row.transfers_capability,
          isActive: row.is_active,
        },
      ]),
    );
  }

  async payees(tx: Tx, ids: readonly string[]): Promise<Map<string, Payee>> {
    const rows = await sql(tx).rows(statements.findPayees(this.uow.tenantOf(tx), ids));
    return new Map(rows.map((row) => [row.id, payeeOf(row)]));
  }
}

function payeeOf({
  id,
  name,
  is_active: isActive,
  account_tail: accountTail,
  bank_code: bankCode,
  ...row
}: statements.PayeeRow): Payee {
  const means = {
    isActive,
    hasBankDetails: bankCode !== null,
    transfersCapability: row.transfers_capability,
    defaultPaymentMethod: row.default_payment_method,
  };
  return { id, name, isActive, accountTail, bankCode, defaultRail: defaultRailOf(means) };
}

function listedOf(row: statements.ListedRow): ListedRecipient {
  const {
    stripe_account_id: stripeAccountId,
    transfers_capability: transfersCapability,
    checked_at: checkedAt,
  } = row;
  const connected =
    stripeAccountId && transfersCapability && checkedAt
      ? { stripeAccountId, transfersCapability, checkedAt }
      : null;
  return {
    id: row.id,
    type: row.type,
    name: row.name,
    accountTail: row.account_tail,
    bankCode: row.bank_code,
    country: row.country,
    externalId: row.external_id,
    isActive: row.is_active,
    metadata: row.metadata,
    defaultPaymentMethod: row.default_payment_method,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    connected,
  };
}
