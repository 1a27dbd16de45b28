import { SqlMigration } from '../migration';
import { SYSTEM } from '../roles';

/** What ends for a person ends in all of their tenants in one transaction, which is the system's. It raises the number and reads no other row for it. */
export class SystemRaisesEpochs1763730041000 extends SqlMigration {
  readonly name = 'SystemRaisesEpochs1763730041000';

  statements(): string[] {
    return [
      `CREATE POLICY system_routes ON platform.access_epochs FOR SELECT TO ${SYSTEM} USING (true)`,
      `CREATE POLICY system_adds ON platform.access_epochs FOR INSERT TO ${SYSTEM} WITH CHECK (true)`,
      `CREATE POLICY system_raises ON platform.access_epochs FOR UPDATE TO ${SYSTEM} USING (true) WITH CHECK (true)`,
      `GRANT SELECT (tenant_id, epoch), INSERT (tenant_id, epoch), UPDATE (epoch) ON platform.access_epochs TO ${SYSTEM}`,
    ];
  }
}
