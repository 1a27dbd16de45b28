import { Injectable } from '@nestjs/common';
import { type Tx, UnitOfWork } from '../../../../kernel/tx';
import { AccessRevocation } from '../../access/application/access-revocation';
import { isToken } from '../../access/domain/opaque-token';
import { hashOf } from '../../access/domain/secret-hash';
import { RefreshTokenStore } from './ports';

/** Revokes every refresh token, and with them the access tokens, of one sign-in. */
@Injectable()
export class EndTokenFamily {
  constructor(
    private readonly uow: UnitOfWork,
    private readonly refreshTokens: RefreshTokenStore,
    private readonly revocation: AccessRevocation,
  ) {}

  async execute(userId: string, familyId: string): Promise<void> {
    await this.uow.runAcrossTenants((tx) => this.within(tx, userId, familyId));
    await this.revocation.evict(userId);
  }

  /** The family of this refresh token; an unknown token changes nothing. */
  async byRefreshToken(given: string): Promise<void> {
    if (!isToken(given, 'dr')) return;
    const found = await this.uow.runAcrossTenants(async (tx) => {
      const token = await this.refreshTokens.find(tx, hashOf(given), () => 0);
      if (token) await this.within(tx, token.userId, token.familyId);
      return token;
    });
    if (found) await this.revocation.evict(found.userId);
  }

  /**
   * Bumps the epoch only once: otherwise the holder of a dead token could have every caller of a tenant
   * authenticated again and again.
   */
  async within(tx: Tx, userId: string, familyId: string): Promise<void> {
    if (await this.refreshTokens.revokeFamily(tx, familyId)) await this.revocation.bump(tx, userId);
  }
}
