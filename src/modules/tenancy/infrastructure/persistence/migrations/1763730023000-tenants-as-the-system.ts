import { SqlMigration, SYSTEM } from '../../../../../platform/database';

/** A host is looked up by slug; whether its tenant is active, the tenant itself is asked. */
export class TenantsAsTheSystem1763730023000 extends SqlMigration {
  readonly name = 'TenantsAsTheSystem1763730023000';

  statements(): string[] {
    return [
      `REVOKE SELECT (status) ON tenancy.tenants FROM ${SYSTEM}`,
    ];
  }
}
