import type { Actor } from '../../../../../../kernel/actor';
import { newId } from '../../../../../../kernel/ids';
import type { PageWindow } from '../../../../../../kernel/page-window';
import type { Sql } from '../../../../../../platform/database';
import type { InstallationFilters } from '../../../application/ports';

export interface InstallationLogRow {
  readonly id: string;
  readonly at: Date;
  readonly actor_kind: Actor['kind'];
  readonly actor_id: string | null;
  readonly actor_name: string;
  readonly request_id: string | null;
  readonly address: string | null;
  readonly action: string;
  readonly user_id: string;
}

export function insertRecord(by: Actor, action: string, userId: string): Sql<unknown> {
  return {
    text: `
      INSERT INTO identity.installation_log (id, actor_kind, actor_id, actor_name, request_id, address,
        action, user_id)
      VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
    values: [newId(), by.kind, by.id, by.name, by.requestId, by.address, action, userId],
  };
}

/** Ids are of version 7, so their order is the order of time. */
export function listRecords(
  { userId, actorId }: InstallationFilters,
  w: PageWindow,
): Sql<InstallationLogRow> {
  const [is, way] = w.backwards ? ['>', 'ASC'] : ['<', 'DESC'];
  const after = w.position ? `AND id ${is} $4` : '';
  return {
    text: `
      SELECT id, at, actor_kind, actor_id, actor_name, request_id, address, action, user_id
        FROM identity.installation_log
       WHERE ($2::uuid IS NULL OR user_id = $2) AND ($3::uuid IS NULL OR actor_id = $3) ${after}
         ORDER BY id ${way} LIMIT $1`,
    values: [w.take, userId ?? null, actorId ?? null, ...(w.position ?? [])],
  };
}
