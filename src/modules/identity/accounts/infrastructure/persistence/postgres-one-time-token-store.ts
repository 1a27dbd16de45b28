import { Injectable } from '@nestjs/common';
import { newId, tenantIdOf, type TenantId } from '../../../../../kernel/ids';
import type { Tx } from '../../../../../kernel/tx';
import { sql } from '../../../../../platform/database';
import { type OneTimeToken, OneTimeTokenStore } from '../../application/ports';
import {
  deleteOneTimeTokens,
  deleteResets,
  deleteToken,
  deleteTokensRequestedBy,
  findToken,
  type OneTimeTokenRow,
  upsertToken,
} from './sql/one-time-tokens.sql';

@Injectable()
export class PostgresOneTimeTokenStore extends OneTimeTokenStore {
  async issue(tx: Tx, token: OneTimeToken, lifetimeS: number): Promise<Date> {
    return (await sql(tx).one(upsertToken(newId(), token, lifetimeS))).expires_at;
  }

  async find(tx: Tx, hash: Buffer, purpose: OneTimeToken['purpose']): Promise<OneTimeToken | null> {
    const row = await sql(tx).maybe(findToken(hash, purpose));
    return row && tokenFrom(row);
  }

  async take(tx: Tx, hash: Buffer): Promise<boolean> {
    return (await sql(tx).count(deleteToken(hash))) === 1;
  }

  async deleteResets(tx: Tx, userId: string): Promise<void> {
    await sql(tx).count(deleteResets(userId));
  }

  async deleteAll(tx: Tx, userId: string): Promise<void> {
    await sql(tx).count(deleteOneTimeTokens(userId));
  }

  async deleteRequestedBy(tx: Tx, userId: string): Promise<void> {
    await sql(tx).count(deleteTokensRequestedBy(userId));
  }
}

function tokenFrom(row: OneTimeTokenRow): OneTimeToken {
  const { requester_kind: kind, requester_id: id } = row;
  return {
    hash: row.token_hash,
    userId: row.user_id,
    purpose: row.purpose,
    invitedTo: tenantOrNull(row.invited_to),
    requestedBy: tenantOrNull(row.requested_by),
    grantedRole: row.granted_role,
    requester: kind === null || id === null ? null : { kind, id },
  };
}

function tenantOrNull(id: string | null): TenantId | null {
  return id === null ? null : tenantIdOf(id);
}
