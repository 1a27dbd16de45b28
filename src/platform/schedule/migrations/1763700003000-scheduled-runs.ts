import { SqlMigration, SYSTEM } from '../../database';

/** One row per run. The primary key is what makes a tick idempotent: of any number of processes one gets the period. */
export class ScheduledRuns1763700003000 extends SqlMigration {
  readonly name = 'ScheduledRuns1763700003000';

  statements(): string[] {
    return [
      `CREATE TABLE platform.scheduled_runs (
         name         text        NOT NULL CHECK (name <> ''),
         period       text        NOT NULL CHECK (period <> ''),
         instance     text        NOT NULL,
         started_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
         heartbeat_at timestamptz NOT NULL DEFAULT clock_timestamp(),
         finished_at  timestamptz,
         found        integer CHECK (found >= 0),
         done         integer CHECK (done >= 0),
         failed       integer CHECK (failed >= 0),
         skipped      jsonb CHECK (jsonb_typeof(skipped) = 'array'),
         error        text CHECK (error <> ''),
         PRIMARY KEY (name, period),
         CHECK (finished_at IS NULL OR num_nonnulls(found, error) = 1)
       )`,
      `CREATE INDEX scheduled_runs_latest ON platform.scheduled_runs (name, started_at)`,
      `CREATE INDEX scheduled_runs_errors ON platform.scheduled_runs (name, started_at) WHERE error IS NOT NULL`,
      `CREATE INDEX scheduled_runs_started ON platform.scheduled_runs (started_at)`,
      `GRANT SELECT, INSERT, UPDATE, DELETE ON platform.scheduled_runs TO ${SYSTEM}`,
    ];
  }
}
