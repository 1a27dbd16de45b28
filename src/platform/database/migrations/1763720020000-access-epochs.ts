import { SqlMigration } from '../migration';
import { behindTenantWall } from '../tenant-table';

/** Asserted in the message that opens a transaction, hence a function: SQLSTATE ZA001 is ours, of a class the standard leaves to programs. */
export class AccessEpochs1763720020000 extends SqlMigration {
  readonly name = 'AccessEpochs1763720020000';

  statements(): string[] {
    return [
      `CREATE TABLE platform.access_epochs (
         tenant_id uuid PRIMARY KEY,
         epoch     bigint NOT NULL CHECK (epoch > 0)
       )`,
      ...behindTenantWall({
        table: 'platform.access_epochs',
        app: ['INSERT', 'UPDATE'],
        updatable: ['epoch'],
      }),
      `CREATE FUNCTION platform.assert_access_epoch(expected bigint) RETURNS void LANGUAGE plpgsql STABLE SET search_path = pg_catalog AS $$
       BEGIN
         IF expected <> coalesce((SELECT e.epoch FROM platform.access_epochs e WHERE e.tenant_id = current_setting('app.tenant_id')::uuid), 0) THEN
           RAISE EXCEPTION 'the access epoch is no longer %', expected USING ERRCODE = 'ZA001';
         END IF;
       END $$`,
    ];
  }
}
