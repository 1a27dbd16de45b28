import { Injectable } from '@nestjs/common';
import { AccessEpochs } from '../../../../kernel/access-epochs';
import type { TenantId } from '../../../../kernel/ids';
import { type Tx, UnitOfWork } from '../../../../kernel/tx';
import { AuditTrail } from '../../../../platform/audit';
import { systemActor } from '../../../../kernel/actor';
import { Tenancy, TenantUnknown } from '../../../tenancy';
import { AlreadyMember, InvalidPersonName, PersonShutOut } from '../../contract';
import { hashOf } from '../../access/domain/api-key-secret';
import { emailOf } from '../../accounts/domain/email';
import { INVITATION_S } from '../../accounts/domain/lifetimes';
import { newToken } from '../../access/domain/opaque-token';
import { type Role, roleOf } from '../../access/domain/roles';
import { AccessEnded } from '../../access/application/access-revocation';
import { askerOf } from '../../accounts/application/requester-check';
import { InstallationLog } from '../../access/application/installation-log';
import { type Keeper, refuseRoleAbove, type ShownToken } from '../../access/application/tenant-actor';
import {
  type Account,
  type Belonging,
  MembershipStore,
  type OneTimeToken,
  PeopleStore,
  RefreshStore,
  SessionStore,
} from '../../accounts/application/ports';

const NAME_MAX = 100;
const COMMAND_LINE = systemActor('command line');

export interface Invitation extends ShownToken {
  readonly userId: string;
}

/** Letting people in. */
@Injectable()
export class People {
  constructor(
    private readonly uow: UnitOfWork,
    private readonly people: PeopleStore,
    private readonly memberships: MembershipStore,
    private readonly sessions: SessionStore,
    private readonly refreshes: RefreshStore,
    private readonly tenancy: Tenancy,
    private readonly ended: AccessEnded,
    private readonly epochs: AccessEpochs,
    private readonly log: InstallationLog,
    private readonly audit: AuditTrail,
  ) {}

  /**
   * The same answer whether the installation knew the person or not. @throws InvalidEmail, InvalidPersonName,
   * UnknownRole, RoleAboveYours, AlreadyMember
   */
  async invite(keeper: Keeper, given: { email: string; name: string; role: string }): Promise<Invitation> {
    const role = roleOf(given.role);
    refuseRoleAbove(keeper, role);
    const account = await this.ensure(given.email, given.name);
    await this.belong(keeper, account, { email: emailOf(given.email).shown, name: nameOf(given.name), role });
    const token = newToken('di');
    const asker = askerOf(keeper.actor);
    // Only the command line speaks for the installation; a person or a key speaks for the tenant.
    const asked = { invitedTo: keeper.tenantId, askedBy: asker && keeper.tenantId, askedOf: role, asker };
    const expiresAt = await this.uow.runAcrossTenants(async (tx) => {
      // Somebody who was taken out since they invited must not put their token in the place of another one's.
      await this.epochs.lockIn(tx, keeper.tenantId, keeper.accessEpoch);
      return this.people.keepToken(tx, invitationOf(token, account.id, asked), INVITATION_S);
    });
    return { userId: account.id, token, expiresAt };
  }

  /**
   * What `invite` would refuse, before something is done that cannot be taken back. @throws InvalidEmail,
   * UnknownRole, TenantUnknown, AlreadyMember
   */
  async mustBeInvitable(tenant: TenantId, { email, role }: { email: string; role: string }): Promise<void> {
    const [{ folded }] = [emailOf(email), roleOf(role)];
    const account = await this.uow.runAcrossTenants((tx) => this.people.byEmail(tx, folded));
    const found = async (tx: Tx) => {
      if ((await this.tenancy.statusOf(tx)) === null) throw new TenantUnknown();
      return account && this.memberships.find(tx, tenant, account.id);
    };
    const member = await this.uow.run(tenant, found, { readOnly: true });
    if (member && member.state !== 'invited') throw new AlreadyMember();
  }

  /**
   * For the command line: a person without a tenant, who runs the installation or is invited later. An
   * address that is known is taken from whoever has it before it administers anything: anybody's invitation
   * may have made the account, and its password. Whoever is shut out stays so: an administrator did it, and
   * would not hear that a command undid it.
   * @throws InvalidEmail, InvalidPersonName, PersonShutOut
   */
  async create({
    email,
    name,
    isPlatformAdmin,
  }: {
    email: string;
    name: string;
    isPlatformAdmin: boolean;
  }): Promise<Invitation> {
    const account = await this.ensure(email, name);
    const token = newToken('di');
    const expiresAt = await this.uow.runAcrossTenants(async (tx) => {
      const before = await this.people.lock(tx, account.id);
      if (!before?.isActive) throw new PersonShutOut();
      if (isPlatformAdmin) await this.takeOver(tx, account.id, nameOf(name));
      const kept = await this.people.keepToken(
        tx,
        invitationOf(token, account.id, { invitedTo: null, askedBy: null, askedOf: null, asker: null }),
        INVITATION_S,
      );
      if (isPlatformAdmin)
        await this.ended.keep(tx, account.id, {
          by: COMMAND_LINE,
          action: 'user.promoted',
          left: () => [],
          everywhere: before.isPlatformAdmin,
        });
      else await this.log.add(tx, COMMAND_LINE, 'user.invited', account.id);
      // Once the epochs are raised: whoever had the account cannot ask for more.
      if (isPlatformAdmin) await this.people.dropTokensAskedBy(tx, account.id);
      return kept;
    });
    await this.ended.forget(account.id);
    return { userId: account.id, token, expiresAt };
  }

  /** Where the person is inside now. */
  async tenantsOf(userId: string): Promise<Belonging[]> {
    const belongings = await this.uow.runAcrossTenants((tx) => this.people.belongingsOf(tx, userId));
    return belongings.filter(({ state }) => state === 'active');
  }

  private async takeOver(tx: Tx, userId: string, name: string): Promise<void> {
    await this.people.makePlatformAdmin(tx, userId, name);
    await this.sessions.endAllOf(tx, userId);
    await this.refreshes.revokeAllOf(tx, userId);
    await this.people.dropTokens(tx, userId);
  }

  private ensure(email: string, name: string): Promise<Account> {
    const [address, named] = [emailOf(email), nameOf(name)];
    return this.uow.runAcrossTenants((tx) => this.people.ensure(tx, address, named));
  }

  /** Whoever was invited before is invited again; what they are told to be is what was said last. */
  private async belong(
    keeper: Keeper,
    { id: userId }: Account,
    as: { email: string; name: string; role: Role },
  ): Promise<void> {
    const { tenantId, actor } = keeper;
    await this.uow.run(
      tenantId,
      async (tx) => {
        if ((await this.tenancy.statusOf(tx)) === null) throw new TenantUnknown();
        if (!(await this.memberships.add(tx, tenantId, { userId, ...as }))) {
          const { member } = await this.memberships.lock(tx, tenantId, userId);
          if (member?.state !== 'invited') throw new AlreadyMember();
          refuseRoleAbove(keeper, member.role);
          await this.memberships.change(tx, tenantId, userId, {
            role: as.role,
            state: 'invited',
            name: as.name,
          });
        }
        await this.audit.record(tx, actor, {
          action: 'user.invited',
          entity: { kind: 'user', id: userId },
          after: { email: as.email, name: as.name, role: as.role },
        });
      },
      { accessEpoch: keeper.accessEpoch },
    );
  }
}

function invitationOf(
  token: string,
  userId: string,
  asked: Pick<OneTimeToken, 'invitedTo' | 'askedBy' | 'askedOf' | 'asker'>,
): OneTimeToken {
  return { hash: hashOf(token), userId, purpose: 'invitation', ...asked };
}

function nameOf(text: string): string {
  const name = text.trim().normalize('NFC');
  if (name.length === 0 || name.length > NAME_MAX || /\p{C}/u.test(name)) throw new InvalidPersonName();
  return name;
}
