import { Injectable } from '@nestjs/common';
import type { Actor } from '../../kernel/actor';
import { UnitOfWork, type Tx } from '../../kernel/tx';
import { sql } from '../database';
import { insertRecords } from './audit-log.sql';
import { AuditTrail, type AuditRecord } from './audit-trail';

@Injectable()
export class SqlAuditTrail extends AuditTrail {
  constructor(private readonly uow: UnitOfWork) {
    super();
  }

  async record(tx: Tx, actor: Actor, ...records: AuditRecord[]): Promise<void> {
    await sql(tx).count(insertRecords(this.uow.tenantOf(tx), actor, records));
  }
}
