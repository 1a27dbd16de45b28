import { Injectable } from '@nestjs/common';
import { type Tx, UnitOfWork } from '../../../../kernel/tx';
import { AuditTrail } from '../../../../platform/audit';
import { AccessRevocation } from '../../access/application/access-revocation';
import { UserMembershipStore } from '../../access/application/ports';
import type { Membership } from '../../access/domain/membership';
import type { Role } from '../../access/domain/roles';
import { CheckPassword } from '../../accounts/application/check-password';
import { actorOf, OneTimeTokens, type RequestOrigin } from '../../accounts/application/one-time-tokens';
import {
  type Account,
  type OneTimeToken,
  OneTimeTokenStore,
  PasswordHasher,
  UserStore,
} from '../../accounts/application/ports';
import { RequesterCheck } from '../../accounts/application/requester-check';
import { InvalidToken } from '../../accounts/domain/errors';
import { chosenPassword } from '../../accounts/domain/password';
import { MembershipStore } from './ports';

/** The password of the account after the invitation: a new one, or the existing one, which was checked. */
interface Password {
  readonly hash: string;
  readonly isNew: boolean;
}

/**
 * Two transactions: the first one settles the password, the second one activates the membership and deletes
 * the token. A request that fails in between has used up nothing, and can be repeated with the same password.
 */
@Injectable()
export class AcceptInvitation {
  constructor(
    private readonly uow: UnitOfWork,
    private readonly oneTimeTokens: OneTimeTokens,
    private readonly requesterCheck: RequesterCheck,
    private readonly users: UserStore,
    private readonly tokens: OneTimeTokenStore,
    private readonly userMemberships: UserMembershipStore,
    private readonly memberships: MembershipStore,
    private readonly hasher: PasswordHasher,
    private readonly checkPassword: CheckPassword,
    private readonly revocation: AccessRevocation,
    private readonly audit: AuditTrail,
  ) {}

  /**
   * A new user chooses a password. A user with an account proves it with the existing password, since the
   * inviter holds the token too. Returns how long to wait when the passwords are rate-limited.
   * @throws InvalidToken, WeakPassword, AccessChanged
   */
  async execute(token: string, given: string, origin: RequestOrigin): Promise<{ waitS: number } | null> {
    const { account, stored } = await this.oneTimeTokens.resolve(token, 'invitation');
    const password = await this.passwordOf(account, given, origin);
    if ('waitS' in password) return password;
    const epoch = await this.settlePassword(stored, password);
    await this.activateMembership(account, stored, epoch, origin);
    await this.revocation.evict(account.id);
    return null;
  }

  /** Outside of any transaction: hashing is slow on purpose. */
  private async passwordOf(
    account: Account,
    given: string,
    origin: RequestOrigin,
  ): Promise<Password | { waitS: number }> {
    if (account.passwordHash === null)
      return { hash: await this.hasher.hash(chosenPassword(given, account)), isNew: true };
    const check = await this.checkPassword.ofAccount(account, given, origin.address);
    if (check.status === 'rate_limited') return { waitS: check.waitS };
    if (check.status === 'wrong') throw new InvalidToken();
    return { hash: check.checked.passwordHash, isNew: false };
  }

  /**
   * Under the lock of the user, since everything may have changed while the password was hashed. Deletes the
   * user's resets, so that no tenant holds one for an account that is no longer its alone. Returns the access
   * epoch of the inviting tenant, under which the requester was still allowed to invite.
   */
  private settlePassword(stored: OneTimeToken, password: Password): Promise<string | null> {
    const { hash, userId, invitedTo } = stored;
    return this.uow.runAcrossTenants(async (tx) => {
      const account = await this.users.lock(tx, userId);
      const isValid = account?.isActive && (await this.tokens.find(tx, hash, 'invitation'));
      const isOpen = await this.isOpen(tx, stored);
      if (!isValid || !isOpen || account.passwordHash !== (password.isNew ? null : password.hash))
        throw new InvalidToken();
      // A tenant holds the token of its invitation: it must not choose the password of a platform admin.
      if (password.isNew && account.isPlatformAdmin && stored.requestedBy !== null) throw new InvalidToken();
      const epoch = await this.requesterCheck.verify(tx, stored);
      if (password.isNew) await this.users.changePassword(tx, userId, null, password.hash);
      await this.tokens.deleteResets(tx, userId);
      if (invitedTo === null && !(await this.tokens.take(tx, hash))) throw new InvalidToken();
      return epoch;
    });
  }

  private async isOpen(tx: Tx, { userId, invitedTo, grantedRole }: OneTimeToken): Promise<boolean> {
    if (invitedTo === null) return true;
    const memberships = await this.userMemberships.membershipsOf(tx, userId);
    return memberships.some(
      (one) => one.tenantId === invitedTo && one.state !== 'disabled' && isGranted(one, grantedRole),
    );
  }

  /**
   * Under the epoch with which the password was settled: no access has ended since, the requester's neither.
   * The token still exists, so no other tenant has reset the password meanwhile. The user is locked before
   * the epoch.
   */
  private async activateMembership(
    account: Account,
    { hash, invitedTo, grantedRole }: OneTimeToken,
    epoch: string | null,
    origin: RequestOrigin,
  ): Promise<void> {
    if (invitedTo === null) return;
    await this.uow.run(invitedTo, async (tx) => {
      if (!(await this.memberships.takeInvitation(tx, hash))) throw new InvalidToken();
      await this.revocation.lock(tx, epoch ?? undefined);
      const { member } = await this.memberships.lock(tx, invitedTo, account.id);
      if (member && !isGranted(member, grantedRole)) throw new InvalidToken();
      if (!(await this.memberships.accept(tx, invitedTo, account.id))) throw new InvalidToken();
      if (member?.state === 'active') return;
      const actor = actorOf({ id: account.id, name: member?.name ?? account.name }, origin);
      await this.audit.record(tx, actor, {
        action: 'user.invitation_accepted',
        entity: { kind: 'user', id: account.id },
      });
    });
  }
}

/** The requester was checked for this role only; another administrator may have raised the role since. */
function isGranted({ state, role }: Pick<Membership, 'state' | 'role'>, grantedRole: Role | null): boolean {
  return state !== 'invited' || grantedRole === null || role === grantedRole;
}
