import { Client } from 'pg';
import Redis from 'ioredis';
import { startOwnPostgres, startOwnRedis, type OwnPostgres, type OwnRedis } from '../support/servers';

async function answerOf(url: string, sql: string): Promise<unknown> {
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

  it('sorts by code point and knows the case of letters beyond ASCII, on every machine', async () => {
    expect(
      await answerOf(
        server.adminUrl,
        "SELECT lower('ÄÖÜ') || (SELECT string_agg(x, '' ORDER BY x) FROM unnest('{a,B,é,z}'::text[]) x)",
      ),
    ).toBe('äöüBazé');
  });

  it('asks every login for its password', async () => {
    const wrong = new URL(server.adminUrl);
    wrong.password = 'guessed';
    await expect(answerOf(wrong.href, 'SELECT 1')).rejects.toThrow('password authentication failed');
  });

  it('keeps what was committed when it is killed and started again on the same port', async () => {
    await answerOf(server.adminUrl, 'CREATE TABLE kept AS SELECT 41 AS answer');
    const { port, pid } = server;
    await server.kill9();
    await server.restart();
    expect(await answerOf(server.adminUrl, 'SELECT answer + 1 FROM kept')).toBe(42);
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

  it('keeps nothing on disk and refuses writes rather than forget keys', async () => {
    expect(await client.config('GET', 'save')).toEqual(['save', '']);
    expect(await client.config('GET', 'maxmemory-policy')).toEqual(['maxmemory-policy', 'noeviction']);
  });

  it('comes back empty on the same port after it was killed', async () => {
    await client.set('lost', 'yes');
    const { port } = server;
    await server.kill();
    await server.start();
    expect(server.port).toBe(port);
    expect(await client.get('lost')).toBeNull();
  });
});
