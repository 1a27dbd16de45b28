import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { newId, tenantIdOf } from '../../../../../kernel/ids';
import type { Tx } from '../../../../../kernel/tx';
import { sql } from '../../../../../platform/database';
import type { PageWindow } from '../../../../../kernel/page-window';
import {
  type Account,
  type Belonging,
  type ListedPerson,
  type OneTimeToken,
  type PeopleFilters,
  PeopleStore,
  type Standing,
} from '../../application/ports';
import type { Email } from '../../domain/email';
import {
  belongingsOf,
  deleteOneTimeTokens,
  deleteTokensAskedBy,
  deleteResets,
  findToken,
  insertUser,
  listUsers,
  lockPlatformAdmins,
  lockUser,
  makePlatformAdmin,
  takeToken,
  updatePassword,
  updateStanding,
  upsertToken,
  userByEmail,
  userById,
  type AccountRow,
  type OneTimeTokenRow,
} from './sql/users.sql';

@Injectable()
export class PostgresPeopleStore extends PeopleStore {
  async ensure(tx: Tx, email: Email, name: string): Promise<Account> {
    // Not of version 7: its time would tell a tenant whether the person was known before it invited them.
    await sql(tx).count(insertUser(randomUUID(), email, name));
    return accountFrom(await sql(tx).one(userByEmail(email.folded)));
  }

  async byEmail(tx: Tx, emailFolded: string): Promise<Account | null> {
    const row = await sql(tx).maybe(userByEmail(emailFolded));
    return row && accountFrom(row);
  }

  async byId(tx: Tx, id: string): Promise<Account | null> {
    const row = await sql(tx).maybe(userById(id));
    return row && accountFrom(row);
  }

  async lock(tx: Tx, id: string): Promise<Account | null> {
    const row = await sql(tx).maybe(lockUser(id));
    return row && accountFrom(row);
  }

  async belongingsOf(tx: Tx, userId: string): Promise<Belonging[]> {
    const rows = await sql(tx).rows(belongingsOf(userId));
    return rows.map(({ tenant_id, role, state, created_at: since, name }) => ({
      tenantId: tenantIdOf(tenant_id),
      role,
      state,
      since,
      name,
    }));
  }

  async changePassword(tx: Tx, userId: string, from: string | null, to: string): Promise<boolean> {
    return (await sql(tx).count(updatePassword(userId, from, to))) === 1;
  }

  async makePlatformAdmin(tx: Tx, userId: string, name: string): Promise<void> {
    await sql(tx).count(makePlatformAdmin(userId, name));
  }

  async changeStanding(tx: Tx, userId: string, to: Standing): Promise<void> {
    await sql(tx).count(updateStanding(userId, to));
  }

  async list(tx: Tx, filters: PeopleFilters, window: PageWindow): Promise<ListedPerson[]> {
    const rows = await sql(tx).rows(listUsers(filters, window));
    return rows.map((row) => ({ ...accountFrom(row), createdAt: row.created_at, position: row.position }));
  }

  async lockPlatformAdmins(tx: Tx): Promise<string[]> {
    return (await sql(tx).rows(lockPlatformAdmins())).map(({ id }) => id);
  }

  async keepToken(tx: Tx, token: OneTimeToken, livesS: number): Promise<Date> {
    return (await sql(tx).one(upsertToken(newId(), token, livesS))).expires_at;
  }

  async findToken(tx: Tx, hash: Buffer, purpose: OneTimeToken['purpose']): Promise<OneTimeToken | null> {
    const row = await sql(tx).maybe(findToken(hash, purpose));
    return row && tokenFrom(row);
  }

  async takeToken(tx: Tx, hash: Buffer): Promise<boolean> {
    return (await sql(tx).count(takeToken(hash))) === 1;
  }

  async dropResets(tx: Tx, userId: string): Promise<void> {
    await sql(tx).count(deleteResets(userId));
  }

  async dropTokensAskedBy(tx: Tx, userId: string): Promise<void> {
    await sql(tx).count(deleteTokensAskedBy(userId));
  }

  async dropTokens(tx: Tx, userId: string): Promise<void> {
    await sql(tx).count(deleteOneTimeTokens(userId));
  }
}

function accountFrom(row: AccountRow): Account {
  return {
    id: row.id,
    email: row.email,
    emailFolded: row.email_folded,
    name: row.name,
    passwordHash: row.password_hash,
    isPlatformAdmin: row.is_platform_admin,
    isActive: row.is_active,
  };
}

function tokenFrom(row: OneTimeTokenRow): OneTimeToken {
  const [invitedTo, askedBy] = [row.invited_to, row.asked_by].map((id) =>
    id === null ? null : tenantIdOf(id),
  ) as [OneTimeToken['invitedTo'], OneTimeToken['askedBy']];
  const asker =
    row.asker_kind === null || row.asker_id === null ? null : { kind: row.asker_kind, id: row.asker_id };
  return {
    hash: row.token_hash,
    userId: row.user_id,
    purpose: row.purpose,
    invitedTo,
    askedBy,
    askedOf: row.asked_of,
    asker,
  };
}
