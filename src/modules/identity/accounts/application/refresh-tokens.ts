import { Injectable } from '@nestjs/common';
import { UnitOfWork } from '../../../../kernel/tx';
import { AccessRevocation } from '../../access/application/access-revocation';
import { AccessTokens } from '../../access/application/ports';
import { isToken, newToken } from '../../access/domain/opaque-token';
import { hashOf } from '../../access/domain/secret-hash';
import { verdictOn } from '../domain/refresh-token';
import { EndTokenFamily } from './end-token-family';
import { RefreshTokenStore } from './ports';
import { type TokenPair, tokenPair } from './token-pair';

export type Refreshed =
  | { readonly status: 'rotated'; readonly tokens: TokenPair }
  | { readonly status: 'rejected' }
  | { readonly status: 'reused'; readonly userId: string };

/** Exchanges a refresh token for the next pair; a token that was used before ends its family. */
@Injectable()
export class RefreshTokens {
  constructor(
    private readonly uow: UnitOfWork,
    private readonly refreshTokens: RefreshTokenStore,
    private readonly accessTokens: AccessTokens,
    private readonly endTokenFamily: EndTokenFamily,
    private readonly revocation: AccessRevocation,
  ) {}

  /** `ageMs`: how long ago the request arrived. A revocation is committed although the request is rejected. */
  async execute(given: string, ageMs: () => number): Promise<Refreshed> {
    if (!isToken(given, 'dr')) return { status: 'rejected' };
    const hash = hashOf(given);
    const next = newToken('dr');
    const { found, verdict } = await this.uow.runAcrossTenants(async (tx) => {
      const token = await this.refreshTokens.find(tx, hash, ageMs);
      const decided = verdictOn(token);
      if (token && decided === 'rotate') {
        await this.refreshTokens.use(tx, token.familyId, hash);
        await this.refreshTokens.add(tx, token.familyId, hashOf(next));
      }
      if (token && decided === 'revoke') await this.endTokenFamily.within(tx, token.userId, token.familyId);
      return { found: token, verdict: decided };
    });
    if (!found || verdict === 'reject') return { status: 'rejected' };
    if (verdict === 'rotate')
      return { status: 'rotated', tokens: await tokenPair(this.accessTokens, found, next) };
    await this.revocation.evict(found.userId);
    return { status: 'reused', userId: found.userId };
  }
}
