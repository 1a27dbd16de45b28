import { Injectable } from '@nestjs/common';
import type { TenantId } from '../../../../kernel/ids';
import { UnitOfWork } from '../../../../kernel/tx';
import { UserUnknown } from '../../accounts/domain/errors';
import { type Member, MembershipStore } from './ports';

@Injectable()
export class FindMember {
  constructor(
    private readonly uow: UnitOfWork,
    private readonly memberships: MembershipStore,
  ) {}

  /** @throws UserUnknown */
  async execute(tenant: TenantId, userId: string): Promise<Member> {
    const member = await this.uow.run(tenant, (tx) => this.memberships.find(tx, tenant, userId), {
      readOnly: true,
    });
    if (!member) throw new UserUnknown();
    return member;
  }
}
