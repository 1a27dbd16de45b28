import { Injectable } from '@nestjs/common';
import type { TenantId } from '../../../../kernel/ids';
import { UnitOfWork } from '../../../../kernel/tx';
import type { PageWindow } from '../../../../kernel/page-window';
import { MemberUnknown } from '../../contract';
import { type Member, MembershipStore } from '../../accounts/application/ports';

/** Who belongs to a tenant, newest first, and one of them. */
@Injectable()
export class ListMembers {
  constructor(
    private readonly uow: UnitOfWork,
    private readonly memberships: MembershipStore,
  ) {}

  execute(tenant: TenantId, window: PageWindow): Promise<Member[]> {
    return this.uow.run(tenant, (tx) => this.memberships.list(tx, tenant, window), { readOnly: true });
  }

  /** @throws MemberUnknown */
  async one(tenant: TenantId, userId: string): Promise<Member> {
    const member = await this.uow.run(tenant, (tx) => this.memberships.find(tx, tenant, userId), {
      readOnly: true,
    });
    if (!member) throw new MemberUnknown();
    return member;
  }
}
