import { SqlMigration, SYSTEM } from '../../database';

/** What was done to a person of the installation, told to their tenants with the deed, and the keys that end with it. The system adds such records only, and reads none. */
export class SystemTellsOfPeople1763730042000 extends SqlMigration {
  readonly name = 'SystemTellsOfPeople1763730042000';

  statements(): string[] {
    return [
      `CREATE POLICY system_tells ON platform.audit_log FOR INSERT TO ${SYSTEM} WITH CHECK (entity_kind = 'user' OR action = 'api_key.revoked')`,
      `GRANT INSERT (tenant_id, id, actor_kind, actor_id, actor_name, request_id, address, action, entity_kind, entity_id, before, after) ON platform.audit_log TO ${SYSTEM}`,
    ];
  }
}
