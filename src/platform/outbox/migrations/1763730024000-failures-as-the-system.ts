import { SqlMigration, SYSTEM } from '../../database';

/** The purge asks which events are parked, the figures how many. */
export class FailuresAsTheSystem1763730024000 extends SqlMigration {
  readonly name = 'FailuresAsTheSystem1763730024000';

  statements(): string[] {
    return [`REVOKE SELECT (consumer, tries, failed_at) ON platform.event_failures FROM ${SYSTEM}`];
  }
}
