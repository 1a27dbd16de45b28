import type { Actor } from '../../kernel/actor';
import { newId } from '../../kernel/ids';
import type { TenantId } from '../../kernel/ids';
import type { Sql } from '../database';
import type { AuditRecord } from './audit-trail';
import { redacted } from './redacted';

/** What one actor did. */
export interface ActorsRecord {
  readonly actor: Actor;
  readonly record: AuditRecord;
}

export function insertRecords(tenant: TenantId, rows: readonly ActorsRecord[]): Sql<unknown> {
  return {
    name: 'audit.insert',
    text: `
      INSERT INTO platform.audit_log (tenant_id, id, actor_kind, actor_id, actor_name, request_id, address,
        action, entity_kind, entity_id, before, after)
      SELECT $1, r.*
        FROM unnest($2::uuid[], $3::text[], $4::uuid[], $5::text[], $6::text[], $7::text[], $8::text[],
          $9::text[], $10::text[], $11::jsonb[], $12::jsonb[])
          AS r (id, actor_kind, actor_id, actor_name, request_id, address, action, entity_kind, entity_id,
            before, after)`,
    values: [
      tenant,
      rows.map(() => newId()),
      rows.map(({ actor }) => actor.kind),
      rows.map(({ actor }) => actor.id),
      rows.map(({ actor }) => actor.name),
      rows.map(({ actor }) => actor.requestId),
      rows.map(({ actor }) => actor.address),
      rows.map(({ record }) => record.action),
      rows.map(({ record }) => record.entity.kind),
      rows.map(({ record }) => record.entity.id),
      rows.map(({ record }) => snapshot(record.before)),
      rows.map(({ record }) => snapshot(record.after)),
    ],
  };
}

function snapshot(value: AuditRecord['before']): string | null {
  return value ? JSON.stringify(redacted(value)) : null;
}
