import { Injectable } from '@nestjs/common';
import type { Tx } from '../../../kernel/tx';
import type { RailAccount } from '../contract';
import { RailAccountUnknown } from '../domain/errors';
import { RailAccountState, railAccountOf } from '../domain/rail-account';
import { RailAccounts } from './ports';

/** Stops and starts an account. Each change is kept with its reason; saying it twice changes nothing. */
@Injectable()
export class PauseRailAccount {
  constructor(private readonly accounts: RailAccounts) {}

  pause(tx: Tx, id: string, reason: string, actor: string): Promise<RailAccount> {
    return this.change(tx, id, { kind: 'paused', reason, actor }, (account) => account.pause(reason, actor, new Date()));
  }

  resume(tx: Tx, id: string, reason: string, actor: string): Promise<RailAccount> {
    return this.change(tx, id, { kind: 'resumed', reason, actor }, (account) => account.resume());
  }

  private async change(
    tx: Tx,
    id: string,
    fact: { kind: 'paused' | 'resumed'; reason: string; actor: string },
    move: (account: RailAccountState) => boolean,
  ): Promise<RailAccount> {
    const row = await this.accounts.lock(tx, id);
    if (!row) throw new RailAccountUnknown();
    const account = RailAccountState.rehydrate(row);
    if (move(account)) {
      await this.accounts.saveStatus(tx, account.snapshot());
      await this.accounts.recordChange(tx, id, fact);
    }
    return railAccountOf(account.snapshot());
  }
}
