import { Injectable } from '@nestjs/common';
import type { Tx } from '../../../../../kernel/tx';
import { sql } from '../../../../../platform/database';
import { type SignedInUser, SignInStore } from '../../../access/application/ports';
import { SEEN_EVERY_S } from '../../domain/lifetimes';
import { resolveFamily } from './sql/refresh-tokens.sql';
import { markSeen, resolveSession, type SignedInRow } from './sql/sessions.sql';

@Injectable()
export class PostgresSignInStore extends SignInStore {
  async resolveSession(tx: Tx, hash: Buffer): Promise<SignedInUser | null> {
    const row = await sql(tx).maybe(resolveSession(hash, SEEN_EVERY_S));
    if (!row) return null;
    if (row.stale) await sql(tx).count(markSeen(row.id));
    return { ...userFrom(row), sessionId: row.id, familyId: null, chosenTenant: null };
  }

  async resolveFamily(tx: Tx, familyId: string): Promise<SignedInUser | null> {
    const row = await sql(tx).maybe(resolveFamily(familyId));
    return row && { ...userFrom(row), sessionId: null, familyId: row.id, chosenTenant: row.chosen_tenant };
  }
}

function userFrom({ user_id: userId, email, name, is_platform_admin: isPlatformAdmin }: SignedInRow) {
  return { userId, email, name, isPlatformAdmin };
}
