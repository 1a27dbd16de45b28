import { SqlMigration, SYSTEM } from '../../../../../platform/database';

/** Who calls is found by the system, and since when they belong decides what they may approve. */
export class MembersSince1763730033000 extends SqlMigration {
  readonly name = 'MembersSince1763730033000';

  statements(): string[] {
    return [`GRANT SELECT (created_at) ON identity.memberships TO ${SYSTEM}`];
  }
}
