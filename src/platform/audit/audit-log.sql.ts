import type { Actor } from '../../kernel/actor';
import { newId } from '../../kernel/ids';
import type { Sql } from '../database';
import type { AuditRecord } from './audit-trail';
import { redacted } from './redacted';

export function insertRecords(tenant: string, actor: Actor, records: readonly AuditRecord[]): Sql<unknown> {
  return {
    name: 'audit.insert',
    text: `
      INSERT INTO platform.audit_log (tenant_id, id, actor_kind, actor_id, actor_name, request_id, address, action, entity_kind, entity_id, before, after)
      SELECT $1, r.id, $2, $3, $4, $5, $6, r.action, r.entity_kind, r.entity_id, r.before, r.after
        FROM unnest($7::uuid[], $8::text[], $9::text[], $10::text[], $11::jsonb[], $12::jsonb[]) AS r (id, action, entity_kind, entity_id, before, after)`,
    values: [
      tenant,
      actor.kind,
      actor.id,
      actor.name,
      actor.requestId,
      actor.address,
      records.map(() => newId()),
      records.map(({ action }) => action),
      records.map(({ entity }) => entity.kind),
      records.map(({ entity }) => entity.id),
      records.map(({ before }) => snapshot(before)),
      records.map(({ after }) => snapshot(after)),
    ],
  };
}

function snapshot(value: AuditRecord['before']): string | null {
  return value ? JSON.stringify(redacted(value)) : null;
}
