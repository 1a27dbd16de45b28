import { Client } from 'pg';
import type { TestDatabase } from '../../../support';
import { until } from '../../platform/until';
import type { SentResponse } from './responses';

/** Locks a settlement, sends the requests one after the other until all wait for the lock, and releases it. */
export async function concurrently(
  db: TestDatabase,
  id: string,
  requests: readonly (() => Promise<SentResponse>)[],
): Promise<SentResponse[]> {
  const [barrier, watch] = [
    new Client({ connectionString: db.urls.admin }),
    new Client({ connectionString: db.urls.admin }),
  ];
  await Promise.all([barrier.connect(), watch.connect()]);
  try {
    await barrier.query('BEGIN');
    await barrier.query('SELECT FROM settlements.settlements WHERE id = $1 FOR UPDATE', [id]);
    const sent: Promise<SentResponse>[] = [];
    for (const request of requests) {
      sent.push(request());
      await until(async () => (await waiting(watch)) === sent.length);
    }
    await barrier.query('COMMIT');
    return await Promise.all(sent);
  } finally {
    await Promise.all([barrier.end(), watch.end()]);
  }
}

/**
 * The number of sessions of this database that wait for a lock. Needs a connection without an open transaction,
 * which would always see the same count.
 */
async function waiting(watch: Client): Promise<number> {
  const { rows } = await watch.query<{ waiting: string }>(
    `SELECT count(*) AS waiting FROM pg_stat_activity WHERE datname = current_database()
      AND wait_event_type = 'Lock'`,
  );
  return Number(rows[0]?.waiting);
}
