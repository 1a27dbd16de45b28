import { appendOnly, SqlMigration, SYSTEM, tenantRowSecurity } from '../../database';

/** Ids are of version 7: their order is that of time. */
const LOG = [
  `CREATE TABLE platform.audit_log (
     tenant_id uuid NOT NULL,
     id uuid NOT NULL,
     at timestamptz NOT NULL DEFAULT now(),
     actor_kind text NOT NULL CHECK (actor_kind IN ('api_key', 'user', 'system')),
     actor_id uuid,
     actor_name text NOT NULL,
     request_id text,
     address text,
     action text NOT NULL CHECK (action ~ '^[a-z_]+\\.[a-z_]+$'),
     entity_kind text NOT NULL CHECK (entity_kind ~ '^[a-z_]+$'),
     entity_id text NOT NULL CHECK (length(entity_id) BETWEEN 1 AND 255),
     before jsonb CHECK (jsonb_typeof(before) = 'object'),
     after jsonb CHECK (jsonb_typeof(after) = 'object'),
     PRIMARY KEY (tenant_id, id),
     CHECK ((actor_kind = 'system') = (actor_id IS NULL))
   )`,
  `CREATE INDEX audit_log_by_entity ON platform.audit_log (tenant_id, entity_kind, entity_id, id)`,
  `CREATE INDEX audit_log_by_actor ON platform.audit_log (tenant_id, actor_id, id)`,
  `CREATE INDEX audit_log_by_action ON platform.audit_log (tenant_id, action, id)`,
  ...tenantRowSecurity({ table: 'platform.audit_log', app: ['INSERT'] }),
  ...appendOnly('platform.audit_log'),
];

/**
 * A change of a user at the level of the installation is recorded in each of their tenants, in the same
 * transaction, and so are the keys it revokes. The system inserts these records only, and reads none.
 */
const SYSTEM_RECORDS = [
  `CREATE POLICY system_tells ON platform.audit_log FOR INSERT TO ${SYSTEM}
     WITH CHECK (entity_kind = 'user' OR action = 'api_key.revoked')`,
  `GRANT INSERT (
     tenant_id, id, actor_kind, actor_id, actor_name, request_id, address, action, entity_kind, entity_id,
       before, after
   ) ON platform.audit_log TO ${SYSTEM}`,
];

/** Records of who did what. The application may insert and read; no role may change a record. */
export class Audit1764000004000 extends SqlMigration {
  readonly name = 'Audit1764000004000';

  statements(): string[] {
    return [...LOG, ...SYSTEM_RECORDS];
  }
}
