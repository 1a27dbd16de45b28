import { DataSource } from 'typeorm';
import { dataSourceOptions } from './data-sources';
import type { SqlMigration } from './migration';
import { openHistory, prepareHistory, refuseForeignDatabase } from './migration-history';

/**
 * Brings the database to the newest shape, as its owner. Two at once wait for each other. Returns the names
 * of the migrations that ran.
 * @throws ForeignDatabase, and changes no table, when other migrations than these made the database
 */
export async function migrate(ownerUrl: string, migrations: (new () => SqlMigration)[]): Promise<string[]> {
  const source = new DataSource({
    ...dataSourceOptions(ownerUrl, 'owner', [], {
      statementTimeoutMs: 0,
      lockTimeoutMs: 10_000,
      idleInTransactionTimeoutMs: 0,
      poolMax: 2,
    }),
    migrations,
    migrationsTableName: 'migrations',
    schema: 'migrations',
  });
  await source.initialize();
  const lock = source.createQueryRunner();
  try {
    await lock.query(`SELECT pg_advisory_lock(hashtext('disburse.migrate'))`);
    await prepareHistory(lock);
    await refuseForeignDatabase(
      lock,
      migrations.map((migration) => new migration()),
    );
    const done = await source.runMigrations({ transaction: 'each' });
    await openHistory(lock);
    return done.map((m) => m.name);
  } finally {
    await lock.query(`SELECT pg_advisory_unlock(hashtext('disburse.migrate'))`).catch(() => undefined);
    await lock.release();
    await source.destroy();
  }
}
