import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../../scripts/lib/embedded-postgres.cjs';
import { type PrivateRedis, startPrivateRedis } from '../../../scripts/lib/private-redis.cjs';

export type OwnPostgres = EmbeddedPostgres;
export type OwnRedis = PrivateRedis;

/** As in scripts/lib/test-run.cjs, but small: a suite that kills servers has few sessions. */
const OWN_SETTINGS = { fsync: 'off', full_page_writes: 'off', max_connections: 50, shared_buffers: '32MB' };

function fromRun(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: run the tests with npm test, which starts the servers.`);
  return value;
}

/** A folder that the test run removes at its end, with every server in it that a suite forgot. */
export function testRunFolder(): string {
  return fromRun('TEST_RUN_DIR');
}

/** The superuser's URL on the PostgreSQL of this test run. */
export function testAdminUrl(): string {
  return fromRun('TEST_PG_ADMIN_URL');
}

/** The Redis of this test run. It is shared: use a key prefix or a queue name of your own. */
export function testRedisUrl(): string {
  return fromRun('TEST_REDIS_URL');
}

/** A PostgreSQL for this suite alone, to be stopped in afterAll; a file that leaves it running fails. */
export async function startOwnPostgres(
  settings: Readonly<Record<string, string | number>> = {},
): Promise<OwnPostgres> {
  const dataDir = join(testRunFolder(), `own-postgres-${randomUUID()}`);
  return startEmbeddedPostgres({ dataDir, settings: { ...OWN_SETTINGS, ...settings } });
}

/** A Redis for this suite alone, to be stopped in afterAll; a file that leaves it running fails. */
export async function startOwnRedis(): Promise<OwnRedis> {
  return startPrivateRedis({ folder: join(testRunFolder(), `own-redis-${randomUUID()}`) });
}
