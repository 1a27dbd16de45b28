import type { DataSource, QueryRunner } from 'typeorm';
import { Misconfigured } from '../../kernel/errors';
import { sqlStateOf } from './errors';
import type { SqlMigration } from './migration';
import { SYSTEM } from './roles';

export interface RecordedMigration {
  readonly name: string;
  /** Null where the migration ran before checksums were recorded. */
  readonly checksum: string | null;
}

const WITH_A_DATABASE_OF_YOURS =
  'drop it, create an empty one, then run "npm run db:provision" and "npm run db:migrate"';

/** The tables may differ from those of this version in any way, and no migration leads from them to these. */
export class ForeignDatabase extends Misconfigured {
  constructor(
    readonly migration: string,
    beginAnew = WITH_A_DATABASE_OF_YOURS,
  ) {
    super(
      `The database was made by a development version (${migration}) and cannot be upgraded. ` +
        `To begin anew, ${beginAnew}.`,
    );
  }
}

export class MissingMigration extends Misconfigured {
  constructor(migration: string) {
    super(
      `The database is not that of this version (${migration} has not run): ` +
        'run "npm run db:migrate" with DATABASE_OWNER_URL.',
    );
  }
}

/**
 * The first recorded migration that this version would not have run, or null. One that is later than all of
 * ours was run by a newer version of the program, and an older one may still serve requests at that time.
 */
export function foreignMigration(
  recorded: readonly RecordedMigration[],
  migrations: readonly SqlMigration[],
): string | null {
  const checksums = new Map(migrations.map(({ name, checksum }) => [name, checksum]));
  const newest = Math.max(...migrations.map(({ name }) => timeOf(name)));
  const isForeign = ({ name, checksum }: RecordedMigration) =>
    checksums.has(name) ? checksums.get(name) !== checksum : timeOf(name) <= newest;
  return recorded.find(isForeign)?.name ?? null;
}

function timeOf(name: string): number {
  return Number(name.slice(-13));
}

/** Runs as the owner, before the migrations. The tables of TypeORM exist only after the first run. */
export async function prepareHistory(owner: QueryRunner): Promise<void> {
  await owner.query('CREATE SCHEMA IF NOT EXISTS migrations');
  await owner.query(
    'CREATE TABLE IF NOT EXISTS migrations.checksums (name text PRIMARY KEY, checksum text NOT NULL)',
  );
}

/** Runs as the owner, after the migrations: the program compares them with its own when it starts. */
export async function openHistory(owner: QueryRunner): Promise<void> {
  await owner.query(`GRANT USAGE ON SCHEMA migrations TO ${SYSTEM}`);
  await owner.query(`GRANT SELECT (name, timestamp) ON migrations.migrations TO ${SYSTEM}`);
  await owner.query(`GRANT SELECT (name, checksum) ON migrations.checksums TO ${SYSTEM}`);
}

const RECORDED = `
  SELECT m.name, c.checksum
    FROM migrations.migrations m LEFT JOIN migrations.checksums c ON c.name = m.name
   ORDER BY m.timestamp`;

/** @throws ForeignDatabase */
export async function refuseForeignDatabase(
  owner: QueryRunner,
  migrations: readonly SqlMigration[],
): Promise<void> {
  const [table] = (await owner.query(`SELECT to_regclass('migrations.migrations') AS name`)) as [
    { name: string | null },
  ];
  if (!table.name) return;
  const recorded = (await owner.query(RECORDED)) as RecordedMigration[];
  const foreign = foreignMigration(recorded, migrations);
  if (foreign) throw new ForeignDatabase(foreign);
}

const NO_PRIVILEGE = '42501';

/** Runs with the login of the system. @throws ForeignDatabase, MissingMigration */
export async function assertMigrated(system: DataSource, migrations: readonly SqlMigration[]): Promise<void> {
  const recorded = await system.query<RecordedMigration[]>(RECORDED).catch((error: unknown) => {
    // Development versions gave the system no privilege on the schema.
    if (sqlStateOf(error) === NO_PRIVILEGE)
      throw new ForeignDatabase('without a history that the program may read');
    throw error;
  });
  const foreign = foreignMigration(recorded, migrations);
  if (foreign) throw new ForeignDatabase(foreign);
  const names = new Set(recorded.map(({ name }) => name));
  const missing = migrations.find(({ name }) => !names.has(name));
  if (missing) throw new MissingMigration(missing.name);
}
