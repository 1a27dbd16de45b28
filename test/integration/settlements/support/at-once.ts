import { Client } from 'pg';
import type { TestDatabase } from '../../../support';
import { until } from '../../platform/until';
import type { Answer } from './wire';

/** Holds a settlement until all of these wait for it, in this order, and lets them go. */
export async function atOnce(
  db: TestDatabase,
  id: string,
  requests: readonly (() => Promise<Answer>)[],
): Promise<Answer[]> {
  const [barrier, watch] = [
    new Client({ connectionString: db.urls.admin }),
    new Client({ connectionString: db.urls.admin }),
  ];
  await Promise.all([barrier.connect(), watch.connect()]);
  try {
    await barrier.query('BEGIN');
    await barrier.query('SELECT FROM settlements.settlements WHERE id = $1 FOR UPDATE', [id]);
    const sent: Promise<Answer>[] = [];
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
 * Sessions of this database that wait for the barrier or for one another. A transaction would see the same
 * count for ever.
 */
async function waiting(watch: Client): Promise<number> {
  const { rows } = await watch.query<{ waiting: string }>(
    `SELECT count(*) AS waiting FROM pg_stat_activity WHERE datname = current_database()
      AND wait_event_type = 'Lock'`,
  );
  return Number(rows[0]?.waiting);
}
