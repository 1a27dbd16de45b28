import { Injectable } from '@nestjs/common';
import { newId, type TenantId } from '../../../../kernel/ids';
import { type Tx, UnitOfWork } from '../../../../kernel/tx';
import { Cipher, Undecipherable } from '../../../../platform/crypto';
import { sql } from '../../../../platform/database';
import type { PageWindow } from '../../../../kernel/page-window';
import { ListResponseCache } from '../../../../platform/pagination/list-response-cache';
import {
  RAIL_ACCOUNT_LIST,
  type RailAccountChange,
  type RailAccountRoute,
  RailAccountStore,
  RailSecretStore,
} from '../../application/ports';
import type { Rail } from '../../contract';
import { RailAccountUnknown } from '../../domain/errors';
import type { RailAccountSnapshot } from '../../domain/rail-account';
import * as statements from './sql/rail-accounts.sql';

const SECRET_KIND = 'rail_account.secret_key';

@Injectable()
export class PostgresRailAccountStore extends RailAccountStore implements RailSecretStore {
  constructor(
    private readonly uow: UnitOfWork,
    private readonly cipher: Cipher,
    private readonly responses: ListResponseCache,
  ) {
    super();
  }

  async byRail(tx: Tx, rail: Rail): Promise<RailAccountSnapshot | null> {
    return snapshotOf(await sql(tx).maybe(statements.railAccountByRail(rail)));
  }

  async byId(tx: Tx, id: string): Promise<RailAccountSnapshot | null> {
    return snapshotOf(await sql(tx).maybe(statements.railAccountById(id)));
  }

  async lock(tx: Tx, id: string): Promise<RailAccountSnapshot | null> {
    return snapshotOf(await sql(tx).maybe(statements.lockRailAccount(id)));
  }

  async all(tx: Tx): Promise<RailAccountSnapshot[]> {
    return (await sql(tx).rows(statements.allRailAccounts())).map((row) => snapshotOf(row));
  }

  async list(tx: Tx, window: PageWindow): Promise<RailAccountSnapshot[]> {
    return (await sql(tx).rows(statements.pageOfRailAccounts(window))).map((row) => snapshotOf(row));
  }

  async add(tx: Tx, account: RailAccountSnapshot, secretKey: string | null): Promise<boolean> {
    this.responses.invalidate(tx, RAIL_ACCOUNT_LIST);
    const sealed = secretKey === null ? null : this.cipher.encrypt(secretKey, this.bound(tx, account.id));
    return (await sql(tx).count(statements.insertRailAccount(this.uow.tenantOf(tx), account, sealed))) === 1;
  }

  async replaceSecretKey(tx: Tx, id: string, secretKey: string): Promise<boolean> {
    if ((await this.openedKey(tx, id)) === secretKey) return false;
    await sql(tx).count(statements.updateSecretKey(id, this.cipher.encrypt(secretKey, this.bound(tx, id))));
    return true;
  }

  async saveStatus(tx: Tx, account: RailAccountSnapshot): Promise<void> {
    this.responses.invalidate(tx, RAIL_ACCOUNT_LIST);
    await sql(tx).count(statements.updateStatus(account));
  }

  async recordChange(tx: Tx, railAccountId: string, change: RailAccountChange): Promise<void> {
    await sql(tx).count(
      statements.insertRailAccountChange(this.uow.tenantOf(tx), newId(), railAccountId, change),
    );
  }

  async routes(tx: Tx, tenant: TenantId | null): Promise<RailAccountRoute[]> {
    const rows = await sql(tx).rows(statements.railAccountRoutes(tenant));
    return rows.map((row) => ({ tenantId: row.tenant_id, id: row.id, status: row.status }));
  }

  async secretKeyOf(tx: Tx, railAccountId: string): Promise<string> {
    const row = await sql(tx).maybe(statements.secretKeyOf(railAccountId));
    if (!row?.secret_key) throw new RailAccountUnknown();
    return this.cipher.decrypt(row.secret_key, this.bound(tx, railAccountId));
  }

  /** Null also if it cannot be decrypted: a new key must be able to replace it. */
  private async openedKey(tx: Tx, id: string): Promise<string | null> {
    const row = await sql(tx).maybe(statements.secretKeyOf(id));
    try {
      return row?.secret_key ? this.cipher.decrypt(row.secret_key, this.bound(tx, id)) : null;
    } catch (error) {
      if (error instanceof Undecipherable) return null;
      throw error;
    }
  }

  private bound(tx: Tx, id: string) {
    return { tenant: this.uow.tenantOf(tx), kind: SECRET_KIND, id };
  }
}

function snapshotOf(row: statements.RailAccountRow): RailAccountSnapshot;
function snapshotOf(row: statements.RailAccountRow | null): RailAccountSnapshot | null;
function snapshotOf(row: statements.RailAccountRow | null): RailAccountSnapshot | null {
  return (
    row && {
      id: row.id,
      rail: row.rail,
      providerAccountId: row.provider_account_id,
      mode: row.mode,
      status: row.status,
      pausedReason: row.paused_reason,
      pausedBy: row.paused_by,
      pausedAt: row.paused_at,
      createdAt: row.created_at,
    }
  );
}
