import { Injectable } from '@nestjs/common';
import { nameOf, type Actor } from '../../../kernel/actor';
import type { Tx } from '../../../kernel/tx';
import { AuditTrail } from '../../../platform/audit';
import type { RailAccount } from '../contract';
import { RailAccountUnknown } from '../domain/errors';
import { RailAccountState, railAccountOf, type RailAccountSnapshot } from '../domain/rail-account';
import { RailAccountStore } from './ports';

/** Pauses and resumes a rail account. Each change is stored with its reason; a repeat changes nothing. */
@Injectable()
export class PauseRailAccount {
  constructor(
    private readonly accounts: RailAccountStore,
    private readonly audit: AuditTrail,
  ) {}

  pause(tx: Tx, id: string, reason: string, actor: Actor): Promise<RailAccount> {
    return this.change(tx, id, { kind: 'paused', reason, actor }, (account) =>
      account.pause(reason, nameOf(actor), new Date()),
    );
  }

  resume(tx: Tx, id: string, reason: string, actor: Actor): Promise<RailAccount> {
    return this.change(tx, id, { kind: 'resumed', reason, actor }, (account) => account.resume());
  }

  private async change(
    tx: Tx,
    id: string,
    fact: { kind: 'paused' | 'resumed'; reason: string; actor: Actor },
    move: (account: RailAccountState) => boolean,
  ): Promise<RailAccount> {
    const row = await this.accounts.lock(tx, id);
    if (!row) throw new RailAccountUnknown();
    const account = RailAccountState.rehydrate(row);
    if (move(account)) {
      await this.accounts.saveStatus(tx, account.snapshot());
      await this.accounts.recordChange(tx, id, { ...fact, actor: nameOf(fact.actor) });
      const entity = { kind: 'rail_account', id };
      await this.audit.record(tx, fact.actor, {
        action: `rail_account.${fact.kind}`,
        entity,
        before: shown(row),
        after: { ...shown(account.snapshot()), reason: fact.reason },
      });
    }
    return railAccountOf(account.snapshot());
  }
}

function shown({ status, pausedReason }: RailAccountSnapshot) {
  return { status, reason: pausedReason };
}
