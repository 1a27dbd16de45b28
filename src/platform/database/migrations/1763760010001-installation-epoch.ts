import { SqlMigration } from '../migration';
import { APP, OWNER, SYSTEM } from '../roles';

/**
 * One number of the whole installation, which counts in every tenant: for those who may act in any of them, also in one that is
 * just being made. The application reads it and holds it, and only the system raises it.
 */
export class InstallationEpoch1763760010001 extends SqlMigration {
  readonly name = 'InstallationEpoch1763760010001';

  statements(): string[] {
    return [
      `CREATE TABLE platform.installation_epoch (
         only_one boolean PRIMARY KEY DEFAULT true CHECK (only_one),
         epoch    bigint NOT NULL DEFAULT 0 CHECK (epoch >= 0)
       )`,
      `INSERT INTO platform.installation_epoch DEFAULT VALUES`,
      `ALTER TABLE platform.installation_epoch ENABLE ROW LEVEL SECURITY`,
      `ALTER TABLE platform.installation_epoch FORCE ROW LEVEL SECURITY`,
      `CREATE POLICY all_read ON platform.installation_epoch FOR SELECT TO ${APP}, ${SYSTEM} USING (true)`,
      `CREATE POLICY system_raises ON platform.installation_epoch FOR UPDATE TO ${SYSTEM} USING (true) WITH CHECK (true)`,
      `CREATE POLICY owner_migrates ON platform.installation_epoch TO ${OWNER} USING (true) WITH CHECK (true)`,
      `GRANT SELECT (epoch) ON platform.installation_epoch TO ${APP}`,
      `GRANT SELECT (epoch), UPDATE (epoch) ON platform.installation_epoch TO ${SYSTEM}`,
      // A lock asks for the right to change the row, which a tenant's login must not have.
      `CREATE FUNCTION platform.hold_installation_epoch() RETURNS bigint
       LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog
       AS $$ SELECT e.epoch FROM platform.installation_epoch e FOR SHARE $$`,
      `REVOKE ALL ON FUNCTION platform.hold_installation_epoch() FROM PUBLIC`,
      `GRANT EXECUTE ON FUNCTION platform.hold_installation_epoch() TO ${APP}, ${SYSTEM}`,
      `CREATE OR REPLACE FUNCTION platform.assert_access_epoch(expected bigint) RETURNS void LANGUAGE plpgsql STABLE SET search_path = pg_catalog AS $$
       BEGIN
         IF expected <> coalesce((SELECT e.epoch FROM platform.access_epochs e WHERE e.tenant_id = current_setting('app.tenant_id')::uuid), 0)
                        + (SELECT i.epoch FROM platform.installation_epoch i) THEN
           RAISE EXCEPTION 'the access epoch is no longer %', expected USING ERRCODE = 'ZA001';
         END IF;
       END $$`,
    ];
  }
}
