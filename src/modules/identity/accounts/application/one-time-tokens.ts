import { Injectable } from '@nestjs/common';
import { UnitOfWork } from '../../../../kernel/tx';
import type { Actor } from '../../../../kernel/actor';
import { InvalidToken } from '../../contract';
import { hashOf } from '../../access/domain/api-key-secret';
import { isToken } from '../../access/domain/opaque-token';
import { type Account, type OneTimeToken, PeopleStore } from './ports';

/** Where a request comes from, for limits and for the audit trail. */
export interface From {
  readonly requestId: string;
  readonly address: string;
}

const PREFIX = { invitation: 'di', password_reset: 'dp' } as const;

/** Tokens that somebody was handed in order to choose a password. */
@Injectable()
export class OneTimeTokens {
  constructor(
    private readonly uow: UnitOfWork,
    private readonly people: PeopleStore,
  ) {}

  /**
   * Says nothing of what will be true when the token is taken: whoever takes it asks again. @throws
   * InvalidToken
   */
  async holder(
    token: string,
    purpose: OneTimeToken['purpose'],
  ): Promise<{ account: Account; kept: OneTimeToken }> {
    if (!isToken(token, PREFIX[purpose])) throw new InvalidToken();
    return this.uow.runAcrossTenants(async (tx) => {
      const kept = await this.people.findToken(tx, hashOf(token), purpose);
      const account = kept && (await this.people.byId(tx, kept.userId));
      if (!kept || !account?.isActive) throw new InvalidToken();
      return { account, kept };
    });
  }
}

export function actorOf({ id, name }: Pick<Account, 'id' | 'name'>, { requestId, address }: From): Actor {
  return { kind: 'user', id, name, requestId, address };
}
