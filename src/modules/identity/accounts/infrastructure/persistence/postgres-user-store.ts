import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { PageWindow } from '../../../../../kernel/page-window';
import type { Tx } from '../../../../../kernel/tx';
import { sql } from '../../../../../platform/database';
import {
  type Account,
  type AccountFlags,
  type ListedUser,
  type UserFilters,
  UserStore,
} from '../../application/ports';
import type { Email } from '../../domain/email';
import {
  findUserByEmail,
  findUserById,
  insertUser,
  listUsers,
  lockPlatformAdmins,
  lockUser,
  makePlatformAdmin,
  updateAccountFlags,
  updatePassword,
  type UserRow,
} from './sql/users.sql';

@Injectable()
export class PostgresUserStore extends UserStore {
  async ensure(tx: Tx, email: Email, name: string): Promise<Account> {
    // Not of version 7: its time would show a tenant whether the user existed before its invitation.
    await sql(tx).count(insertUser(randomUUID(), email, name));
    return accountFrom(await sql(tx).one(findUserByEmail(email.folded)));
  }

  async byEmail(tx: Tx, emailFolded: string): Promise<Account | null> {
    const row = await sql(tx).maybe(findUserByEmail(emailFolded));
    return row && accountFrom(row);
  }

  async byId(tx: Tx, id: string): Promise<Account | null> {
    const row = await sql(tx).maybe(findUserById(id));
    return row && accountFrom(row);
  }

  async lock(tx: Tx, id: string): Promise<Account | null> {
    const row = await sql(tx).maybe(lockUser(id));
    return row && accountFrom(row);
  }

  async changePassword(tx: Tx, userId: string, from: string | null, to: string): Promise<boolean> {
    return (await sql(tx).count(updatePassword(userId, from, to))) === 1;
  }

  async makePlatformAdmin(tx: Tx, userId: string, name: string): Promise<void> {
    await sql(tx).count(makePlatformAdmin(userId, name));
  }

  async list(tx: Tx, filters: UserFilters, window: PageWindow): Promise<ListedUser[]> {
    const rows = await sql(tx).rows(listUsers(filters, window));
    return rows.map((row) => ({ ...accountFrom(row), createdAt: row.created_at, position: row.position }));
  }

  async updateAccountFlags(tx: Tx, userId: string, to: AccountFlags): Promise<void> {
    await sql(tx).count(updateAccountFlags(userId, to));
  }

  async lockPlatformAdmins(tx: Tx): Promise<string[]> {
    return (await sql(tx).rows(lockPlatformAdmins())).map(({ id }) => id);
  }
}

function accountFrom(row: UserRow): Account {
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
