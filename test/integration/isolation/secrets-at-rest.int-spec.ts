import { Client } from 'pg';
import { Redis } from 'ioredis';
import { Users } from '../../../src/modules/identity';
import { startApp, type TestApp } from '../../support';
import { startOwnRedis } from '../../support/servers';
import { SecretsOfADay } from './support/secrets-of-a-day';

/** Everything in the database as text, bytes as the text that they may be. */
async function databaseDump(url: string): Promise<string> {
  const admin = new Client({ connectionString: url });
  await admin.connect();
  try {
    const { rows: tables } = await admin.query<{ name: string; columns: string }>(
      `SELECT format('%I.%I', table_schema, table_name) AS name,
              string_agg(CASE data_type WHEN 'bytea' THEN format('encode(%I, ''escape'')', column_name)
                ELSE format('%I::text', column_name) END, ',') AS columns
         FROM information_schema.columns WHERE table_schema NOT IN ('pg_catalog', 'information_schema')
           GROUP BY 1`,
    );
    const dumps = [];
    for (const { name, columns } of tables) {
      const { rows } = await admin.query<{ line: string }>(
        `SELECT concat_ws(' ', ${columns}) AS line FROM ${name}`,
      );
      dumps.push(...rows.map(({ line }) => `${name} ${line}`));
    }
    return dumps.join('\n');
  } finally {
    await admin.end();
  }
}

async function redisDump(url: string): Promise<string> {
  const redis = new Redis(url);
  try {
    const keys = await redis.keys('*');
    const dumps = await Promise.all(
      keys.map(async (key) => `${key} ${(await redis.dumpBuffer(key))?.toString('latin1') ?? ''}`),
    );
    return dumps.join('\n');
  } finally {
    redis.disconnect();
  }
}

/** What the program says of them is in secrets-in-the-log. */
describe('secrets, after a day in the life of a tenant', () => {
  let redis: Awaited<ReturnType<typeof startOwnRedis>>;
  let t: TestApp;
  let day: SecretsOfADay;

  beforeAll(async () => {
    redis = await startOwnRedis();
    t = await startApp({ env: { REDIS_URL: redis.url } });
    day = new SecretsOfADay(t.url, await t.tenant());
    await day.ofTenant();
    await day.ofPerson(
      await t.app
        .get(Users, { strict: false })
        .create({ email: 'ann@example.com', name: 'Ann', isPlatformAdmin: false }),
    );
  });
  afterAll(async () => {
    await t.close();
    await redis.stop();
  });

  it('were all there', () => {
    expect(day.missing()).toEqual([]);
    expect(day.refusals.length).toBeGreaterThan(3);
  });

  it('stand in no table of the database', async () => {
    const dump = await databaseDump(t.urls.admin);
    expect(dump).toContain('ann@example.com');
    expect(day.in(dump)).toEqual([]);
  });

  it('stand nowhere in Redis', async () => {
    const dump = await redisDump(redis.url);
    expect(dump.length).toBeGreaterThan(0);
    expect(day.in(dump)).toEqual([]);
  });

  it('stand in no refusal and in no figure', async () => {
    expect(day.in(day.refusals.join('\n'))).toEqual([]);
    expect(day.in(await (await fetch(`${t.url}/metrics`)).text())).toEqual([]);
  });
});
