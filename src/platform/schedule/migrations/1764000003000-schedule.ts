import { SqlMigration, SYSTEM } from '../../database';

/**
 * One row per run. The primary key makes a tick idempotent: of any number of processes one gets the period.
 */
const RUNS = [
  `CREATE TABLE platform.scheduled_runs (
     name text NOT NULL CHECK (name <> ''),
     period text NOT NULL CHECK (period <> ''),
     instance text NOT NULL,
     started_at timestamptz NOT NULL DEFAULT clock_timestamp(),
     heartbeat_at timestamptz NOT NULL DEFAULT clock_timestamp(),
     finished_at timestamptz,
     found integer CHECK (found >= 0),
     done integer CHECK (done >= 0),
     failed integer CHECK (failed >= 0),
     skipped jsonb CHECK (jsonb_typeof(skipped) = 'array'),
     error text CHECK (error <> ''),
     PRIMARY KEY (name, period),
     CHECK (finished_at IS NULL OR num_nonnulls(found, error) = 1)
   )`,
  `CREATE INDEX scheduled_runs_latest ON platform.scheduled_runs (name, started_at)`,
  `CREATE INDEX scheduled_runs_errors ON platform.scheduled_runs (name, started_at) WHERE error IS NOT NULL`,
  `CREATE INDEX scheduled_runs_started ON platform.scheduled_runs (started_at)`,
  // The name and the period of a run never change.
  `GRANT
     SELECT,
     INSERT (name, period, instance),
     UPDATE (instance, started_at, heartbeat_at, finished_at, found, done, failed, skipped, error),
     DELETE
     ON platform.scheduled_runs TO ${SYSTEM}`,
];

/** The runs of scheduled jobs. They belong to no tenant. */
export class Schedule1764000003000 extends SqlMigration {
  readonly name = 'Schedule1764000003000';

  statements(): string[] {
    return RUNS;
  }
}
