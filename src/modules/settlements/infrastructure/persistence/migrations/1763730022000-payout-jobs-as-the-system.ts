import { SqlMigration, SYSTEM } from '../../../../../platform/database';

/** Nothing that finds jobs asks for their account. */
export class PayoutJobsAsTheSystem1763730022000 extends SqlMigration {
  readonly name = 'PayoutJobsAsTheSystem1763730022000';

  statements(): string[] {
    return [`REVOKE SELECT (rail_account_id) ON settlements.payout_jobs FROM ${SYSTEM}`];
  }
}
