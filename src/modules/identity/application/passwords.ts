import { Injectable } from '@nestjs/common';
import { type Tx, UnitOfWork } from '../../../kernel/tx';
import { AuditTrail } from '../../../platform/audit';
import type { Actor } from '../../../platform/http';
import { InvalidToken } from '../contract';
import { hashOf } from '../domain/api-key-secret';
import { isToken } from '../domain/opaque-token';
import { chosenPassword } from '../domain/password';
import { AccessEnded } from './access-ended';
import { CheckPassword, type Tried } from './check-password';
import { type Account, MembershipStore, type OneTimeToken, PasswordHasher, PeopleStore, RefreshStore, SessionStore } from './people.ports';

/** Where a request comes from, for limits and for the audit trail. */
export interface From {
  readonly requestId: string;
  readonly address: string;
}

/** Choosing a password: at first, by somebody inside, or after it was forgotten. */
@Injectable()
export class Passwords {
  constructor(
    private readonly uow: UnitOfWork,
    private readonly people: PeopleStore,
    private readonly sessions: SessionStore,
    private readonly refreshes: RefreshStore,
    private readonly memberships: MembershipStore,
    private readonly hasher: PasswordHasher,
    private readonly checking: CheckPassword,
    private readonly ended: AccessEnded,
    private readonly audit: AuditTrail,
  ) {}

  /** Every session and token of the person ends, the caller's own too. @throws WeakPassword */
  async change(userId: string, current: string, next: string, by: Actor): Promise<Tried> {
    const account = await this.uow.runWithoutTenant((tx) => this.people.byId(tx, userId));
    if (!account) return { is: 'wrong' };
    const tried = await this.checking.ofAccount(account, current, by.address ?? '');
    if (tried.is !== 'right') return tried;
    const hash = await this.hasher.hash(chosenPassword(next, account));
    const changed = await this.uow.runWithoutTenant((tx) => this.replace(tx, userId, tried.checked.passwordHash, hash));
    if (!changed) return { is: 'wrong' };
    await this.tell(account, 'user.password_changed', by);
    return tried;
  }

  /** @throws InvalidToken, WeakPassword */
  async reset(token: string, next: string, from: From): Promise<void> {
    const { account, kept } = await this.holder(token, 'dp', 'password_reset');
    const hash = await this.hasher.hash(chosenPassword(next, account));
    const done = await this.uow.runWithoutTenant(async (tx) => (await this.people.takeToken(tx, kept.hash)) && (await this.replace(tx, account.id, account.passwordHash, hash)));
    if (!done) throw new InvalidToken();
    await this.tell(account, 'user.password_reset', actorOf(account, from));
  }

  /**
   * A new person chooses a password; one who has an account proves it with theirs, since whoever invited them holds the token
   * too. Answers how long to wait when passwords were tried too often. @throws InvalidToken, WeakPassword
   */
  async acceptInvitation(token: string, password: string, from: From): Promise<{ waitS: number } | null> {
    const { account, kept } = await this.holder(token, 'di', 'invitation');
    const chosen = account.passwordHash === null ? await this.hasher.hash(chosenPassword(password, account)) : null;
    if (chosen === null) {
      const tried = await this.checking.ofAccount(account, password, from.address);
      if (tried.is === 'too_often') return { waitS: tried.waitS };
      if (tried.is === 'wrong') throw new InvalidToken();
    }
    await this.enterTenant(account, kept, from);
    const done = await this.uow.runWithoutTenant(async (tx) => {
      if (!(await this.people.takeToken(tx, kept.hash))) return false;
      return chosen === null || this.people.changePassword(tx, account.id, null, chosen);
    });
    if (!done) throw new InvalidToken();
    await this.ended.forget(account.id);
    return null;
  }

  /** Before the token is used up: a crash in between leaves a member who can still choose a password. */
  private async enterTenant(account: Account, { invitedTo }: OneTimeToken, from: From): Promise<void> {
    if (invitedTo === null) return;
    await this.uow.run(invitedTo, async (tx) => {
      const before = await this.memberships.find(tx, invitedTo, account.id);
      if (!(await this.memberships.accept(tx, invitedTo, account.id))) throw new InvalidToken();
      if (before?.state === 'active') return;
      await this.audit.record(tx, actorOf(account, from), { action: 'user.invitation_accepted', entity: { kind: 'user', id: account.id } });
    });
  }

  private async holder(token: string, prefix: 'di' | 'dp', purpose: OneTimeToken['purpose']): Promise<{ account: Account; kept: OneTimeToken }> {
    if (!isToken(token, prefix)) throw new InvalidToken();
    return this.uow.runWithoutTenant(async (tx) => {
      const kept = await this.people.findToken(tx, hashOf(token), purpose);
      const account = kept && (await this.people.byId(tx, kept.userId));
      if (!kept || !account?.isActive) throw new InvalidToken();
      return { account, kept };
    });
  }

  private async replace(tx: Tx, userId: string, from: string | null, to: string): Promise<boolean> {
    if (!(await this.people.changePassword(tx, userId, from, to))) return false;
    await this.sessions.endAllOf(tx, userId);
    await this.refreshes.revokeAllOf(tx, userId);
    await this.people.dropResets(tx, userId);
    return true;
  }

  private tell(account: Account, action: string, by: Actor): Promise<void> {
    return this.ended.tell(account.id, { by, record: { action, entity: { kind: 'user', id: account.id } } });
  }
}

function actorOf({ id, name }: Account, { requestId, address }: From): Actor {
  return { kind: 'user', id, name, requestId, address };
}
