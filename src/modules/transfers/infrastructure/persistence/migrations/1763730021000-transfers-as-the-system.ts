import { SqlMigration, SYSTEM } from '../../../../../platform/database';

/** The sweeps ask for accounts that have work, never for a transfer. */
export class TransfersAsTheSystem1763730021000 extends SqlMigration {
  readonly name = 'TransfersAsTheSystem1763730021000';

  statements(): string[] {
    return [`REVOKE SELECT (id, lease_until) ON transfers.transfers FROM ${SYSTEM}`];
  }
}
