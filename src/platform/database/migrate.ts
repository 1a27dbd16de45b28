import { DataSource, type DataSourceOptions } from 'typeorm';
import { dataSourceOptions } from './data-sources';

/**
 * Brings the database to the newest shape, as its owner. Two at once wait for each other. Answers the names
 * of what was run.
 */
export async function migrate(
  ownerUrl: string,
  migrations: NonNullable<DataSourceOptions['migrations']>,
): Promise<string[]> {
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
    await lock.query(`CREATE SCHEMA IF NOT EXISTS migrations`);
    await lock.query(`SELECT pg_advisory_lock(hashtext('disburse.migrate'))`);
    const done = await source.runMigrations({ transaction: 'each' });
    return done.map((m) => m.name);
  } finally {
    await lock.query(`SELECT pg_advisory_unlock(hashtext('disburse.migrate'))`).catch(() => undefined);
    await lock.release();
    await source.destroy();
  }
}
