import { Injectable } from '@nestjs/common';
import type { Actor } from '../../../../../kernel/actor';
import type { PageWindow } from '../../../../../kernel/page-window';
import type { Tx } from '../../../../../kernel/tx';
import { sql } from '../../../../../platform/database';
import {
  type InstallationFilters,
  InstallationLogStore,
  type InstallationRecord,
} from '../../application/ports';
import { insertRecord, type InstallationLogRow, listRecords } from './sql/installation-log.sql';

@Injectable()
export class PostgresInstallationLogStore extends InstallationLogStore {
  async add(tx: Tx, by: Actor, action: string, userId: string): Promise<void> {
    await sql(tx).count(insertRecord(by, action, userId));
  }

  async list(tx: Tx, filters: InstallationFilters, window: PageWindow): Promise<InstallationRecord[]> {
    return (await sql(tx).rows(listRecords(filters, window))).map(recordFrom);
  }
}

function recordFrom(row: InstallationLogRow): InstallationRecord {
  const actor = {
    kind: row.actor_kind,
    id: row.actor_id,
    name: row.actor_name,
    requestId: row.request_id,
    address: row.address,
  };
  return { id: row.id, at: row.at, action: row.action, actor, userId: row.user_id };
}
