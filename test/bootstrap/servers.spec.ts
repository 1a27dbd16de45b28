import { Client } from 'pg';
import Redis from 'ioredis';
import { startOwnPostgres, startOwnRedis, type OwnPostgres, type OwnRedis } from '../support/servers';

async function valueOf(url: string, sql: string): Promise<unknown> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<Record<string, unknown>>(sql);
    return Object.values(rows[0] ?? {})[0];
  } finally {
    await client.end();
  }
}

describe("a PostgreSQL of the suite's own", () => {
  let server: OwnPostgres;

  beforeAll(async () => {
    server = await startOwnPostgres();
  });

  afterAll(async () => server.stop('immediate'));

  it('sorts by code point and maps the case of letters beyond ASCII, on every machine', async () => {
    expect(
      await valueOf(
        server.adminUrl,
        "SELECT lower('ÄÖÜ') || (SELECT string_agg(x, '' ORDER BY x) FROM unnest('{a,B,é,z}'::text[]) x)",
      ),
    ).toBe('äöüBazé');
  });

  it('requires the password of every login', async () => {
    const wrong = new URL(server.adminUrl);
    wrong.password = 'guessed';
    await expect(valueOf(wrong.href, 'SELECT 1')).rejects.toThrow('password authentication failed');
  });

  it('has what was committed after it was killed and started again on the same port', async () => {
    await valueOf(server.adminUrl, 'CREATE TABLE stored AS SELECT 41 AS value');
    const { port, pid } = server;
    await server.kill9();
    await server.restart();
    expect(await valueOf(server.adminUrl, 'SELECT value + 1 FROM stored')).toBe(42);
    expect(server.port).toBe(port);
    expect(server.pid).not.toBe(pid);
  });
});

describe("a Redis of the suite's own", () => {
  let server: OwnRedis;
  let client: Redis;

  beforeAll(async () => {
    server = await startOwnRedis();
    client = new Redis(server.url, { retryStrategy: () => 20 });
    client.on('error', () => undefined);
  });

  afterAll(async () => {
    client.disconnect();
    await server.stop();
  });

  it('stores nothing on disk and rejects writes instead of evicting keys', async () => {
    expect(await client.config('GET', 'save')).toEqual(['save', '']);
    expect(await client.config('GET', 'maxmemory-policy')).toEqual(['maxmemory-policy', 'noeviction']);
  });

  it('starts again empty on the same port after it was killed', async () => {
    await client.set('lost', 'yes');
    const { port } = server;
    await server.kill();
    await server.start();
    expect(server.port).toBe(port);
    expect(await client.get('lost')).toBeNull();
  });
});
