import { Injectable } from '@nestjs/common';
import type { TenantId } from '../../../../kernel/ids';
import { type Tx, UnitOfWork } from '../../../../kernel/tx';
import { Tenancy, TenantUnknown } from '../../../tenancy';
import { roleOf } from '../../access/domain/roles';
import { UserStore } from '../../accounts/application/ports';
import { emailOf } from '../../accounts/domain/email';
import { AlreadyMember } from '../domain/errors';
import { MembershipStore } from './ports';

/** Throws what inviting a user would throw, before a step that cannot be undone. */
@Injectable()
export class AssertInvitable {
  constructor(
    private readonly uow: UnitOfWork,
    private readonly users: UserStore,
    private readonly memberships: MembershipStore,
    private readonly tenancy: Tenancy,
  ) {}

  /** @throws InvalidEmail, UnknownRole, TenantUnknown, AlreadyMember */
  async execute(tenant: TenantId, { email, role }: { email: string; role: string }): Promise<void> {
    const [{ folded }] = [emailOf(email), roleOf(role)];
    const account = await this.uow.runAcrossTenants((tx) => this.users.byEmail(tx, folded));
    const find = async (tx: Tx) => {
      if ((await this.tenancy.statusOf(tx)) === null) throw new TenantUnknown();
      return account && this.memberships.find(tx, tenant, account.id);
    };
    const member = await this.uow.run(tenant, find, { readOnly: true });
    if (member && member.state !== 'invited') throw new AlreadyMember();
  }
}
