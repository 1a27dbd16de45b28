import { Injectable } from '@nestjs/common';
import { newId, type TenantId } from '../../../../kernel/ids';
import { type Tx, UnitOfWork } from '../../../../kernel/tx';
import { AccessTokens, UserMembershipStore } from '../../access/application/ports';
import { TenantNotFound } from '../../access/domain/errors';
import { activeMemberships } from '../../access/domain/membership';
import { newToken } from '../../access/domain/opaque-token';
import { hashOf } from '../../access/domain/secret-hash';
import { REFRESH } from '../domain/lifetimes';
import { type Account, type CheckedPassword, RefreshTokenStore } from './ports';
import { type TokenPair, tokenPair } from './token-pair';

/** Opens a refresh-token family and issues its first pair of tokens. */
@Injectable()
export class IssueTokens {
  constructor(
    private readonly uow: UnitOfWork,
    private readonly memberships: UserMembershipStore,
    private readonly refreshTokens: RefreshTokenStore,
    private readonly accessTokens: AccessTokens,
  ) {}

  /** Null: the password changed meanwhile. @throws TenantNotFound */
  async execute(
    account: Account,
    by: CheckedPassword,
    chosenTenant: TenantId | null,
  ): Promise<TokenPair | null> {
    const familyId = newId();
    const refreshToken = newToken('dr');
    const opened = await this.uow.runAcrossTenants(async (tx) => {
      if (chosenTenant !== null) await this.assertMember(tx, account, chosenTenant);
      const family = { id: familyId, chosenTenant, ...REFRESH };
      if (!(await this.refreshTokens.openFamily(tx, by, family))) return false;
      await this.refreshTokens.add(tx, familyId, hashOf(refreshToken));
      return true;
    });
    return opened ? tokenPair(this.accessTokens, { userId: account.id, familyId }, refreshToken) : null;
  }

  private async assertMember(tx: Tx, account: Account, tenant: TenantId): Promise<void> {
    if (account.isPlatformAdmin) return;
    const active = activeMemberships(await this.memberships.membershipsOf(tx, account.id));
    if (!active.some(({ tenantId }) => tenantId === tenant)) throw new TenantNotFound();
  }
}
