import { Injectable } from '@nestjs/common';
import type { Actor } from '../../kernel/actor';
import type { TenantId } from '../../kernel/ids';
import { UnitOfWork, type Tx } from '../../kernel/tx';
import { sql } from '../database';
import { insertRecords } from './audit-log.sql';
import { AuditTrail, type AuditRecord } from './audit-trail';

@Injectable()
export class PostgresAuditTrail extends AuditTrail {
  constructor(private readonly uow: UnitOfWork) {
    super();
  }

  async record(tx: Tx, actor: Actor, ...records: AuditRecord[]): Promise<void> {
    await this.recordIn(tx, this.uow.tenantOf(tx), actor, ...records);
  }

  async recordIn(tx: Tx, tenant: TenantId, actor: Actor, ...records: AuditRecord[]): Promise<void> {
    await sql(tx).count(
      insertRecords(
        tenant,
        records.map((record) => ({ actor, record })),
      ),
    );
  }
}
