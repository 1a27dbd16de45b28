import { Injectable } from '@nestjs/common';
import type { TenantId } from '../../../../kernel/ids';
import type { PageWindow } from '../../../../kernel/page-window';
import { UnitOfWork } from '../../../../kernel/tx';
import { type Member, MembershipStore } from './ports';

/** The members of a tenant, newest first. */
@Injectable()
export class ListMembers {
  constructor(
    private readonly uow: UnitOfWork,
    private readonly memberships: MembershipStore,
  ) {}

  execute(tenant: TenantId, window: PageWindow): Promise<Member[]> {
    return this.uow.run(tenant, (tx) => this.memberships.list(tx, tenant, window), { readOnly: true });
  }
}
