import { SqlMigration, SYSTEM } from '../../database';

/** A run keeps its name and its period. */
export class ScheduledRunsAsTheSystem1763730025000 extends SqlMigration {
  readonly name = 'ScheduledRunsAsTheSystem1763730025000';

  statements(): string[] {
    return [
      `REVOKE INSERT, UPDATE ON platform.scheduled_runs FROM ${SYSTEM}`,
      `GRANT INSERT (name, period, instance) ON platform.scheduled_runs TO ${SYSTEM}`,
      `GRANT UPDATE (instance, started_at, heartbeat_at, finished_at, found, done, failed, skipped, error) ON platform.scheduled_runs TO ${SYSTEM}`,
    ];
  }
}
