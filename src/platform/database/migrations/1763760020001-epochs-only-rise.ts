import { SqlMigration } from '../migration';

/** Lowered, the number would let in again whoever was remembered under it. Whoever may change it, of either login, may only raise it. */
export class EpochsOnlyRise1763760020001 extends SqlMigration {
  readonly name = 'EpochsOnlyRise1763760020001';

  statements(): string[] {
    return [
      `CREATE FUNCTION platform.refuse_lower_epoch() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
       BEGIN
         RAISE EXCEPTION 'an access epoch only rises' USING ERRCODE = '42501';
       END $$`,
      `CREATE TRIGGER only_rises BEFORE UPDATE ON platform.access_epochs FOR EACH ROW
         WHEN (NEW.epoch < OLD.epoch OR NEW.tenant_id <> OLD.tenant_id) EXECUTE FUNCTION platform.refuse_lower_epoch()`,
    ];
  }
}
