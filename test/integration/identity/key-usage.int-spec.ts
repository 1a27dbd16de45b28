import { Client } from 'pg';
import { newId } from '../../../src/kernel/ids';
import { ApiKeyStore } from '../../../src/modules/identity/access/application/ports';
import { until } from '../platform/until';
import { IdentityWorld } from './support/identity-world';

let w: IdentityWorld;
beforeAll(async () => {
  w = await IdentityWorld.start();
});
afterAll(() => w.close());

/**
 * Two keys of a tenant that has so many that each is looked up by its id: the plan has no order of its own.
 */
async function twoKeys() {
  const { id: tenant } = await w.tenant();
  const [low, high] = [newId(), newId()].sort() as [string, string];
  const insert = `INSERT INTO identity.api_keys (tenant_id, id, name, prefix, secret_hash, scopes)
    SELECT $1, id, 'k', 'dk_abcdefgh', sha256(id::text::bytea), '{*}'`;
  await w.sql(`${insert} FROM unnest($2::uuid[]) AS id`, [tenant, [high, low]]);
  await w.sql(`${insert} FROM (SELECT gen_random_uuid() AS id FROM generate_series(1, 5000)) others`, [
    tenant,
  ]);
  await w.sql('ANALYZE identity.api_keys');
  const counted = async () =>
    (
      await w.sql<{ usage_count: string }>(
        'SELECT usage_count::text FROM identity.api_keys WHERE tenant_id = $1 AND id = ANY ($2) ORDER BY id',
        [tenant, [low, high]],
      )
    ).map((row) => row.usage_count);
  const flush = (...ids: string[]) =>
    w.t.db.uow.run(tenant, (tx) =>
      w.get(ApiKeyStore).addUsage(
        tx,
        tenant,
        ids.map((id) => ({ id, count: 2, lastMsAgo: 0 })),
      ),
    );
  return { tenant, low, high, counted, flush };
}

describe('the usage of keys, written by several processes', () => {
  it('locks the rows in one order, so that no process holds a row while it waits for a lower one', async () => {
    const { low, high, counted, flush } = await twoKeys();
    const other = new Client({ connectionString: w.t.db.urls.admin });
    await other.connect();
    try {
      await other.query('BEGIN');
      await other.query('SELECT 1 FROM identity.api_keys WHERE id = $1 FOR UPDATE', [low]);
      const flushes = Promise.all([flush(high, low), flush(low, high)]);
      await until(
        async () =>
          (
            await w.sql(
              `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND usename = 'disburse_app'
                AND wait_event_type = 'Lock'`,
            )
          ).length === 2,
      );
      await expect(
        other.query('SELECT 1 FROM identity.api_keys WHERE id = $1 FOR UPDATE NOWAIT', [high]),
      ).resolves.toMatchObject({ rowCount: 1 });
      await other.query('COMMIT');
      await flushes;
    } finally {
      await other.end();
    }
    await expect(counted()).resolves.toEqual(['4', '4']);
  });

  it('counts each concurrent use, and leaves keys of other tenants alone', async () => {
    const mine = await twoKeys();
    const theirs = await twoKeys();
    await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        mine.flush(...(i % 2 ? [mine.low, mine.high] : [mine.high, mine.low]), theirs.low),
      ),
    );
    await expect(mine.counted()).resolves.toEqual(['40', '40']);
    await expect(theirs.counted()).resolves.toEqual(['0', '0']);
  });
});
