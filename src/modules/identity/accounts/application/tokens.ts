import { Injectable } from '@nestjs/common';
import { newId, type TenantId } from '../../../../kernel/ids';
import { type Tx, UnitOfWork } from '../../../../kernel/tx';
import { AskedTenantUnknown } from '../../contract';
import { hashOf } from '../../access/domain/api-key-secret';
import { REFRESH } from '../domain/lifetimes';
import { isToken, newToken } from '../../access/domain/opaque-token';
import { verdictOn } from '../domain/refresh-token';
import { AccessEnded } from '../../access/application/access-revocation';
import { AccessTokens, type Account, type CheckedPassword, PeopleStore, RefreshStore } from './ports';

export interface TokenPair {
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly livesS: number;
}

export type Refreshed =
  | { readonly is: 'rotated'; readonly tokens: TokenPair }
  | { readonly is: 'refused' }
  | { readonly is: 'reused'; readonly userId: string };

/** Pairs of a short access token and a refresh token that works once. */
@Injectable()
export class Tokens {
  constructor(
    private readonly uow: UnitOfWork,
    private readonly people: PeopleStore,
    private readonly refreshes: RefreshStore,
    private readonly access: AccessTokens,
    private readonly ended: AccessEnded,
  ) {}

  /** Null: the password changed meanwhile. @throws AskedTenantUnknown */
  async open(
    account: Account,
    by: CheckedPassword,
    chosenTenant: TenantId | null,
  ): Promise<TokenPair | null> {
    const familyId = newId();
    const refreshToken = newToken('dr');
    const opened = await this.uow.runAcrossTenants(async (tx) => {
      if (chosenTenant !== null && !account.isPlatformAdmin) {
        const belongings = await this.people.belongingsOf(tx, account.id);
        if (!belongings.some(({ tenantId, state }) => tenantId === chosenTenant && state === 'active'))
          throw new AskedTenantUnknown();
      }
      if (!(await this.refreshes.open(tx, by, { id: familyId, chosenTenant, ...REFRESH }))) return false;
      await this.refreshes.add(tx, familyId, hashOf(refreshToken));
      return true;
    });
    return opened ? this.pair(account.id, familyId, refreshToken) : null;
  }

  /** `ageMs`: how long ago the request came in. What it found is committed also where it is a refusal. */
  async refresh(given: string, ageMs: () => number): Promise<Refreshed> {
    if (!isToken(given, 'dr')) return { is: 'refused' };
    const hash = hashOf(given);
    const next = newToken('dr');
    const { found, verdict } = await this.uow.runAcrossTenants(async (tx) => {
      const token = await this.refreshes.find(tx, hash, ageMs);
      const decided = verdictOn(token);
      if (token && decided === 'rotate') {
        await this.refreshes.use(tx, token.familyId, hash);
        await this.refreshes.add(tx, token.familyId, hashOf(next));
      }
      if (token && decided === 'revoke') await this.end(tx, token.userId, token.familyId);
      return { found: token, verdict: decided };
    });
    if (!found || verdict === 'refuse') return { is: 'refused' };
    if (verdict === 'rotate')
      return { is: 'rotated', tokens: await this.pair(found.userId, found.familyId, next) };
    await this.ended.forget(found.userId);
    return { is: 'reused', userId: found.userId };
  }

  /** Ends the family of a refresh token; a token nobody knows is as good as ended. */
  async revoke(given: string): Promise<void> {
    if (!isToken(given, 'dr')) return;
    const found = await this.uow.runAcrossTenants(async (tx) => {
      const token = await this.refreshes.find(tx, hashOf(given), () => 0);
      if (token) await this.end(tx, token.userId, token.familyId);
      return token;
    });
    if (found) await this.ended.forget(found.userId);
  }

  async endFamily(userId: string, familyId: string): Promise<void> {
    await this.uow.runAcrossTenants((tx) => this.end(tx, userId, familyId));
    await this.ended.forget(userId);
  }

  /**
   * Heard of once: anybody who holds a dead token could else have every caller of a tenant looked up again,
   * for ever.
   */
  private async end(tx: Tx, userId: string, familyId: string): Promise<void> {
    if (await this.refreshes.revoke(tx, familyId)) await this.ended.raise(tx, userId);
  }

  private async pair(userId: string, familyId: string, refreshToken: string): Promise<TokenPair> {
    return {
      accessToken: await this.access.issue({ userId, familyId }),
      refreshToken,
      livesS: this.access.livesS,
    };
  }
}
