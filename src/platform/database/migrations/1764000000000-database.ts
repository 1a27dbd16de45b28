import { SqlMigration } from '../migration';
import { APP, OWNER, SYSTEM } from '../roles';
import { moduleSchema, tenantRowSecurity } from '../tenant-table';

/** The trigger function of every append-only table. */
const REFUSE_CHANGE = `
  CREATE FUNCTION platform.refuse_change() RETURNS trigger
  LANGUAGE plpgsql SET search_path = pg_catalog AS $$
  BEGIN
    RAISE EXCEPTION '%.% is append-only', TG_TABLE_SCHEMA, TG_TABLE_NAME USING ERRCODE = '42501';
  END $$`;

/** A tenant without a row has epoch 0. A row with epoch 0 exists so that it can be locked. */
const ACCESS_EPOCHS = [
  `CREATE TABLE platform.access_epochs (
     tenant_id uuid PRIMARY KEY,
     epoch bigint NOT NULL CHECK (epoch >= 0)
   )`,
  ...tenantRowSecurity({
    table: 'platform.access_epochs',
    app: ['INSERT', 'UPDATE'],
    updatable: ['epoch'],
    routing: ['tenant_id', 'epoch'],
  }),
  // When a user loses access, the system bumps the epochs of all their tenants in one transaction.
  `CREATE POLICY system_adds ON platform.access_epochs FOR INSERT TO ${SYSTEM} WITH CHECK (true)`,
  `CREATE POLICY system_raises ON platform.access_epochs FOR UPDATE TO ${SYSTEM} USING (true) WITH
    CHECK (true)`,
  `GRANT INSERT (tenant_id, epoch), UPDATE (epoch) ON platform.access_epochs TO ${SYSTEM}`,
];

/** One epoch that counts in every tenant, also in one created later. Only the system bumps it. */
const INSTALLATION_EPOCH = [
  `CREATE TABLE platform.installation_epoch (
     only_one boolean PRIMARY KEY DEFAULT true CHECK (only_one),
     epoch bigint NOT NULL DEFAULT 0 CHECK (epoch >= 0)
   )`,
  `INSERT INTO platform.installation_epoch DEFAULT VALUES`,
  `ALTER TABLE platform.installation_epoch ENABLE ROW LEVEL SECURITY`,
  `ALTER TABLE platform.installation_epoch FORCE ROW LEVEL SECURITY`,
  `CREATE POLICY all_read ON platform.installation_epoch FOR SELECT TO ${APP}, ${SYSTEM} USING (true)`,
  `CREATE POLICY system_raises ON platform.installation_epoch FOR UPDATE TO ${SYSTEM} USING (true) WITH
    CHECK (true)`,
  `CREATE POLICY owner_migrates ON platform.installation_epoch TO ${OWNER} USING (true) WITH CHECK (true)`,
  `GRANT SELECT (epoch) ON platform.installation_epoch TO ${APP}`,
  `GRANT SELECT (epoch), UPDATE (epoch) ON platform.installation_epoch TO ${SYSTEM}`,
];

/** A lower epoch would accept again what was cached under it, so that no role may set one. */
const EPOCHS_ONLY_RISE = [
  `CREATE FUNCTION platform.refuse_lower_epoch() RETURNS trigger
   LANGUAGE plpgsql SET search_path = pg_catalog AS $$
   BEGIN
     RAISE EXCEPTION 'an access epoch only rises' USING ERRCODE = '42501';
   END $$`,
  `CREATE TRIGGER only_rises BEFORE UPDATE ON platform.access_epochs FOR EACH ROW
     WHEN (NEW.epoch < OLD.epoch OR NEW.tenant_id <> OLD.tenant_id)
       EXECUTE FUNCTION platform.refuse_lower_epoch()`,
  `CREATE TRIGGER only_rises BEFORE UPDATE ON platform.installation_epoch FOR EACH ROW
     WHEN (NEW.epoch < OLD.epoch) EXECUTE FUNCTION platform.refuse_lower_epoch()`,
];

const IN_TURN = `hashtextextended('platform.installation_epoch', 0)`;

/**
 * A bump of the installation epoch waits for the transactions that hold it, and holders that come later wait
 * for the bump. Row locks do not queue in this order: as long as holders overlap, the bump would never come.
 * An advisory lock does.
 */
const INSTALLATION_EPOCH_IN_TURN = [
  // SECURITY DEFINER: neither login may lock the row. The SELECT is a second statement, so that it sees an
  // epoch that was bumped while the first one waited.
  `CREATE FUNCTION platform.lock_installation_epoch() RETURNS bigint
   LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
   BEGIN
     PERFORM pg_advisory_xact_lock_shared(${IN_TURN});
     RETURN (SELECT e.epoch FROM platform.installation_epoch e);
   END $$`,
  `REVOKE ALL ON FUNCTION platform.lock_installation_epoch() FROM PUBLIC`,
  `GRANT EXECUTE ON FUNCTION platform.lock_installation_epoch() TO ${APP}, ${SYSTEM}`,
  `CREATE FUNCTION platform.wait_for_epoch_holders() RETURNS trigger
   LANGUAGE plpgsql SET search_path = pg_catalog AS $$
   BEGIN
     PERFORM pg_advisory_xact_lock(${IN_TURN});
     RETURN NULL;
   END $$`,
  `CREATE TRIGGER waits_for_holders BEFORE UPDATE ON platform.installation_epoch
     FOR EACH STATEMENT EXECUTE FUNCTION platform.wait_for_epoch_holders()`,
];

/**
 * Called in the message that opens a transaction, hence a function. SQLSTATE ZA001 is ours: the standard
 * leaves its class to applications. IS DISTINCT FROM: an installation epoch that cannot be read rejects the
 * transaction.
 */
const ASSERT_ACCESS_EPOCH = `
  CREATE FUNCTION platform.assert_access_epoch(expected bigint) RETURNS void
  LANGUAGE plpgsql STABLE SET search_path = pg_catalog AS $$
  BEGIN
    IF expected IS DISTINCT FROM
       coalesce((SELECT e.epoch FROM platform.access_epochs e
                  WHERE e.tenant_id = current_setting('app.tenant_id')::uuid), 0)
       + (SELECT i.epoch FROM platform.installation_epoch i) THEN
      RAISE EXCEPTION 'the access epoch is no longer %', expected USING ERRCODE = 'ZA001';
    END IF;
  END $$`;

/**
 * What every module needs: the schema of the platform, the trigger of append-only tables, the access epochs.
 */
export class Database1764000000000 extends SqlMigration {
  readonly name = 'Database1764000000000';

  statements(): string[] {
    return [
      ...moduleSchema('platform'),
      REFUSE_CHANGE,
      ...ACCESS_EPOCHS,
      ...INSTALLATION_EPOCH,
      ...EPOCHS_ONLY_RISE,
      ...INSTALLATION_EPOCH_IN_TURN,
      ASSERT_ACCESS_EPOCH,
    ];
  }
}
