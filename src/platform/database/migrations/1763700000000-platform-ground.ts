import { SqlMigration } from '../migration';
import { moduleSchema } from '../tenant-table';

/** What every module leans on: the schema of the platform and the trigger function that keeps facts as they are. */
export class PlatformGround1763700000000 extends SqlMigration {
  readonly name = 'PlatformGround1763700000000';

  statements(): string[] {
    return [
      ...moduleSchema('platform'),
      `CREATE FUNCTION platform.refuse_change() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
       BEGIN
         RAISE EXCEPTION '%.% is append-only', TG_TABLE_SCHEMA, TG_TABLE_NAME USING ERRCODE = '42501';
       END $$`,
    ];
  }
}
