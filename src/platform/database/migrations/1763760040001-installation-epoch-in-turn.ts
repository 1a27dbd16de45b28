import { SqlMigration } from '../migration';

const IN_TURN = `hashtextextended('platform.installation_epoch', 0)`;

/**
 * Whoever raises the number waits for those who hold it, and nobody who comes later goes before them. Row locks do not queue so: as
 * long as holders overlap, which anybody could see to, the end of an administrator never came. An advisory lock does. The
 * number only rises, as those of tenants; and where it cannot be read, nobody was let in under it.
 */
export class InstallationEpochInTurn1763760040001 extends SqlMigration {
  readonly name = 'InstallationEpochInTurn1763760040001';

  statements(): string[] {
    return [
      // Read by a statement of its own, which sees what was raised while this one waited.
      `CREATE OR REPLACE FUNCTION platform.hold_installation_epoch() RETURNS bigint
       LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
       BEGIN
         PERFORM pg_advisory_xact_lock_shared(${IN_TURN});
         RETURN (SELECT e.epoch FROM platform.installation_epoch e);
       END $$`,
      `CREATE FUNCTION platform.wait_for_epoch_holders() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
       BEGIN
         PERFORM pg_advisory_xact_lock(${IN_TURN});
         RETURN NULL;
       END $$`,
      `CREATE TRIGGER waits_for_holders BEFORE UPDATE ON platform.installation_epoch FOR EACH STATEMENT EXECUTE FUNCTION platform.wait_for_epoch_holders()`,
      `CREATE TRIGGER only_rises BEFORE UPDATE ON platform.installation_epoch FOR EACH ROW
         WHEN (NEW.epoch < OLD.epoch) EXECUTE FUNCTION platform.refuse_lower_epoch()`,
      `CREATE OR REPLACE FUNCTION platform.assert_access_epoch(expected bigint) RETURNS void LANGUAGE plpgsql STABLE SET search_path = pg_catalog AS $$
       BEGIN
         IF expected IS DISTINCT FROM coalesce((SELECT e.epoch FROM platform.access_epochs e WHERE e.tenant_id = current_setting('app.tenant_id')::uuid), 0)
                                        + (SELECT i.epoch FROM platform.installation_epoch i) THEN
           RAISE EXCEPTION 'the access epoch is no longer %', expected USING ERRCODE = 'ZA001';
         END IF;
       END $$`,
    ];
  }
}
