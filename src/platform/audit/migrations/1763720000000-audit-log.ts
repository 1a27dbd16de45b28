import { appendOnly, behindTenantWall, SqlMigration } from '../../database';

/** Who did what. The application may add and read, nobody may change. Ids are of version 7: their order is that of time. */
export class AuditLog1763720000000 extends SqlMigration {
  readonly name = 'AuditLog1763720000000';

  statements(): string[] {
    return [
      `CREATE TABLE platform.audit_log (
         tenant_id   uuid NOT NULL,
         id          uuid NOT NULL,
         at          timestamptz NOT NULL DEFAULT now(),
         actor_kind  text NOT NULL CHECK (actor_kind IN ('api_key', 'user', 'system')),
         actor_id    uuid,
         actor_name  text NOT NULL,
         request_id  text,
         address     text,
         action      text NOT NULL CHECK (action ~ '^[a-z_]+\\.[a-z_]+$'),
         entity_kind text NOT NULL CHECK (entity_kind ~ '^[a-z_]+$'),
         entity_id   text NOT NULL CHECK (length(entity_id) BETWEEN 1 AND 255),
         before      jsonb CHECK (jsonb_typeof(before) = 'object'),
         after       jsonb CHECK (jsonb_typeof(after) = 'object'),
         PRIMARY KEY (tenant_id, id),
         CHECK ((actor_kind = 'system') = (actor_id IS NULL))
       )`,
      `CREATE INDEX audit_log_by_entity ON platform.audit_log (tenant_id, entity_kind, entity_id, id)`,
      `CREATE INDEX audit_log_by_actor ON platform.audit_log (tenant_id, actor_id, id)`,
      `CREATE INDEX audit_log_by_action ON platform.audit_log (tenant_id, action, id)`,
      ...behindTenantWall({ table: 'platform.audit_log', app: ['INSERT'] }),
      ...appendOnly('platform.audit_log'),
    ];
  }
}
