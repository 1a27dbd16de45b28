import { Injectable } from '@nestjs/common';
import { UnitOfWork } from '../../../../kernel/tx';
import { activeMemberships, type Membership } from '../domain/membership';
import { UserMembershipStore } from './ports';

/** The tenants in which a user is active now. */
@Injectable()
export class ListActiveMemberships {
  constructor(
    private readonly uow: UnitOfWork,
    private readonly memberships: UserMembershipStore,
  ) {}

  async execute(userId: string): Promise<Membership[]> {
    const found = await this.uow.runAcrossTenants((tx) => this.memberships.membershipsOf(tx, userId));
    return activeMemberships(found);
  }
}
