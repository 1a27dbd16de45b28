import { Injectable } from '@nestjs/common';
import type { TenantId } from '../../../../../kernel/ids';
import type { Tx } from '../../../../../kernel/tx';
import { sql } from '../../../../../platform/database';
import { type CheckedPassword, RefreshTokenStore } from '../../application/ports';
import type { FoundRefreshToken } from '../../domain/refresh-token';
import {
  insertFamily,
  insertToken,
  lockFamilyOf,
  markFamilyUsed,
  markUsed,
  readToken,
  revokeFamiliesOf,
  revokeFamily,
} from './sql/refresh-tokens.sql';

@Injectable()
export class PostgresRefreshTokenStore extends RefreshTokenStore {
  async openFamily(
    tx: Tx,
    by: CheckedPassword,
    family: { id: string; chosenTenant: TenantId | null; absoluteS: number; idleS: number },
  ): Promise<boolean> {
    return (await sql(tx).count(insertFamily(by, family))) === 1;
  }

  async add(tx: Tx, familyId: string, hash: Buffer): Promise<void> {
    await sql(tx).count(insertToken(familyId, hash));
  }

  async find(tx: Tx, hash: Buffer, ageMs: () => number): Promise<FoundRefreshToken | null> {
    if (!(await sql(tx).maybe(lockFamilyOf(hash)))) return null;
    const row = await sql(tx).maybe(readToken(hash, ageMs()));
    return (
      row && {
        familyId: row.family_id,
        userId: row.user_id,
        isAlive: row.alive,
        isUsed: row.used,
        lostARace: row.lost_a_race,
      }
    );
  }

  async use(tx: Tx, familyId: string, hash: Buffer): Promise<void> {
    await sql(tx).count(markUsed(hash));
    await sql(tx).count(markFamilyUsed(familyId));
  }

  async revokeFamily(tx: Tx, familyId: string): Promise<boolean> {
    return (await sql(tx).count(revokeFamily(familyId))) === 1;
  }

  async revokeAllOf(tx: Tx, userId: string): Promise<void> {
    await sql(tx).count(revokeFamiliesOf(userId));
  }
}
