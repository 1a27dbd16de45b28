import { Injectable } from '@nestjs/common';
import { UnitOfWork } from '../../../../kernel/tx';
import { AuditTrail } from '../../../../platform/audit';
import { InvalidToken } from '../../contract';
import { chosenPassword } from '../../accounts/domain/password';
import type { Role } from '../../access/domain/roles';
import { AccessEnded } from '../../access/application/access-revocation';
import { Askers } from '../../accounts/application/requester-check';
import { CheckPassword } from '../../accounts/application/check-password';
import { actorOf, type From, OneTimeTokens } from '../../accounts/application/one-time-tokens';
import {
  type Account,
  type Belonging,
  MembershipStore,
  type OneTimeToken,
  PasswordHasher,
  PeopleStore,
} from '../../accounts/application/ports';

/**
 * The password that opens the account once the invitation is accepted: a new one, or the one that is there
 * and was proved.
 */
interface Password {
  readonly hash: string;
  readonly isNew: boolean;
}

/**
 * Two steps: the password is won, then the tenant is entered and with it the token used up. Whoever loses the
 * second or dies before it has used up nothing, and comes in by asking again with the same password.
 */
@Injectable()
export class AcceptInvitation {
  constructor(
    private readonly uow: UnitOfWork,
    private readonly tokens: OneTimeTokens,
    private readonly askers: Askers,
    private readonly people: PeopleStore,
    private readonly memberships: MembershipStore,
    private readonly hasher: PasswordHasher,
    private readonly checkPassword: CheckPassword,
    private readonly ended: AccessEnded,
    private readonly audit: AuditTrail,
  ) {}

  /**
   * A new person chooses a password; one who has an account proves it with theirs, since whoever invited them
   * holds the token too. Answers how long to wait when passwords were tried too often. @throws InvalidToken,
   * WeakPassword, AccessChanged
   */
  async execute(token: string, given: string, from: From): Promise<{ waitS: number } | null> {
    const { account, kept } = await this.tokens.holder(token, 'invitation');
    const password = await this.passwordOf(account, given, from);
    if ('waitS' in password) return password;
    const epoch = await this.win(kept, password);
    await this.enterTenant(account, kept, epoch, from);
    await this.ended.forget(account.id);
    return null;
  }

  /** Outside of any transaction: hashing takes long on purpose. */
  private async passwordOf(
    account: Account,
    given: string,
    from: From,
  ): Promise<Password | { waitS: number }> {
    if (account.passwordHash === null)
      return { hash: await this.hasher.hash(chosenPassword(given, account)), isNew: true };
    const tried = await this.checkPassword.ofAccount(account, given, from.address);
    if (tried.is === 'too_often') return { waitS: tried.waitS };
    if (tried.is === 'wrong') throw new InvalidToken();
    return { hash: tried.checked.passwordHash, isNew: false };
  }

  /**
   * Under the lock of the person, since everything may have changed while the password was hashed. Resets go,
   * so that no tenant holds one for an account that is no longer its alone; one that is asked for and used
   * before the tenant is entered ends the invitation. Answers the access epoch of the tenant that asked,
   * under which its asker was still there.
   */
  private win(kept: OneTimeToken, password: Password): Promise<string | null> {
    const { hash, userId, invitedTo, askedBy, askedOf } = kept;
    return this.uow.runAcrossTenants(async (tx) => {
      const account = await this.people.lock(tx, userId);
      const isThere = account?.isActive && (await this.people.findToken(tx, hash, 'invitation'));
      const belongings = await this.people.belongingsOf(tx, userId);
      const isOpen =
        invitedTo === null ||
        belongings.some(
          (one) => one.tenantId === invitedTo && one.state !== 'disabled' && isAsked(one, askedOf),
        );
      if (!isThere || !isOpen || account.passwordHash !== (password.isNew ? null : password.hash))
        throw new InvalidToken();
      // A tenant holds the token of its invitation, and must not choose the password of whoever runs the
      // installation.
      if (password.isNew && account.isPlatformAdmin && askedBy !== null) throw new InvalidToken();
      const epoch = await this.askers.hold(tx, kept);
      if (password.isNew) await this.people.changePassword(tx, userId, null, password.hash);
      await this.people.dropResets(tx, userId);
      if (invitedTo === null && !(await this.people.takeToken(tx, hash))) throw new InvalidToken();
      return epoch;
    });
  }

  /**
   * Under the epoch that the password was won under: nobody's access has ended since, the asker's neither.
   * The token is there still, so nor has another tenant had the password chosen that was won. Persons are
   * locked before epochs.
   */
  private async enterTenant(
    account: Account,
    { hash, invitedTo, askedOf }: OneTimeToken,
    epoch: string | null,
    from: From,
  ): Promise<void> {
    if (invitedTo === null) return;
    await this.uow.run(invitedTo, async (tx) => {
      if (!(await this.memberships.takeInvitation(tx, hash))) throw new InvalidToken();
      await this.ended.begin(tx, epoch ?? undefined);
      const { member } = await this.memberships.lock(tx, invitedTo, account.id);
      if (member && !isAsked(member, askedOf)) throw new InvalidToken();
      if (!(await this.memberships.accept(tx, invitedTo, account.id))) throw new InvalidToken();
      if (member?.state === 'active') return;
      await this.audit.record(tx, actorOf({ id: account.id, name: member?.name ?? account.name }, from), {
        action: 'user.invitation_accepted',
        entity: { kind: 'user', id: account.id },
      });
    });
  }
}

/**
 * Whoever asked for the token holds it, and vouched for that role only: somebody else may have made it a
 * greater one since. An invitation that is older than this rule names none.
 */
function isAsked({ state, role }: Pick<Belonging, 'state' | 'role'>, askedOf: Role | null): boolean {
  return state !== 'invited' || askedOf === null || role === askedOf;
}
