import { Injectable } from '@nestjs/common';
import type { Actor } from '../../../../kernel/actor';
import { UnitOfWork } from '../../../../kernel/tx';
import { isToken } from '../../access/domain/opaque-token';
import { hashOf } from '../../access/domain/secret-hash';
import { InvalidToken } from '../domain/errors';
import { type Account, type OneTimeToken, OneTimeTokenStore, UserStore } from './ports';

/** Where a request comes from, for limits and for the audit log. */
export interface RequestOrigin {
  readonly requestId: string;
  readonly address: string;
}

/** The only copy of a token; its hash is stored. */
export interface IssuedToken {
  readonly token: string;
  readonly expiresAt: Date;
}

const PREFIX = { invitation: 'di', password_reset: 'dp' } as const;

/** Tokens that a user was given in order to choose a password. */
@Injectable()
export class OneTimeTokens {
  constructor(
    private readonly uow: UnitOfWork,
    private readonly users: UserStore,
    private readonly tokens: OneTimeTokenStore,
  ) {}

  /** Without a lock: the transaction that uses the token must check everything again. @throws InvalidToken */
  async resolve(
    token: string,
    purpose: OneTimeToken['purpose'],
  ): Promise<{ account: Account; stored: OneTimeToken }> {
    if (!isToken(token, PREFIX[purpose])) throw new InvalidToken();
    return this.uow.runAcrossTenants(async (tx) => {
      const stored = await this.tokens.find(tx, hashOf(token), purpose);
      const account = stored && (await this.users.byId(tx, stored.userId));
      if (!stored || !account?.isActive) throw new InvalidToken();
      return { account, stored };
    });
  }
}

export function actorOf(
  { id, name }: Pick<Account, 'id' | 'name'>,
  { requestId, address }: RequestOrigin,
): Actor {
  return { kind: 'user', id, name, requestId, address };
}
