import { SqlMigration } from '../../../../../platform/database';

/** How a name begins, in any case. By the pattern's own order, since a prefix is a range of it whatever the locale of the database is. */
export class TenantsByName1763760020002 extends SqlMigration {
  readonly name = 'TenantsByName1763760020002';

  statements(): string[] {
    return [`CREATE INDEX tenants_by_name ON tenancy.tenants (lower(name) text_pattern_ops)`];
  }
}
