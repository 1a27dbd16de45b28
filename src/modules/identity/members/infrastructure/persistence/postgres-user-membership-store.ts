import { Injectable } from '@nestjs/common';
import { tenantIdOf } from '../../../../../kernel/ids';
import type { Tx } from '../../../../../kernel/tx';
import { sql } from '../../../../../platform/database';
import { UserMembershipStore } from '../../../access/application/ports';
import type { Membership } from '../../../access/domain/membership';
import { membershipsOf } from './sql/memberships.sql';

@Injectable()
export class PostgresUserMembershipStore extends UserMembershipStore {
  async membershipsOf(tx: Tx, userId: string): Promise<Membership[]> {
    const rows = await sql(tx).rows(membershipsOf(userId));
    return rows.map(({ tenant_id, role, state, created_at: since, name }) => ({
      tenantId: tenantIdOf(tenant_id),
      role,
      state,
      since,
      name,
    }));
  }
}
