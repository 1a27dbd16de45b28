import { randomBytes } from 'node:crypto';
import { Client } from 'pg';
import { Redis } from 'ioredis';
import { People } from '../../../src/modules/identity';
import { startApp, type TestApp, type TestTenant } from '../../support';
import { startOwnRedis } from '../../support/servers';

const PASSWORD = 'seven green elephants sing';
const CHOSEN = 'nine blue badgers whistle';
const WEBHOOK_SECRET = `whsec_${randomBytes(16).toString('hex')}`;
const ACCOUNT_NUMBER = '000123456789';

/** Everything in the database as text, bytes as the text that they may be. */
async function databaseDump(url: string): Promise<string> {
  const admin = new Client({ connectionString: url });
  await admin.connect();
  try {
    const { rows: tables } = await admin.query<{ name: string; columns: string }>(
      `SELECT format('%I.%I', table_schema, table_name) AS name,
              string_agg(CASE data_type WHEN 'bytea' THEN format('encode(%I, ''escape'')', column_name) ELSE format('%I::text', column_name) END, ',') AS columns
         FROM information_schema.columns WHERE table_schema NOT IN ('pg_catalog', 'information_schema') GROUP BY 1`,
    );
    const dumps = [];
    for (const { name, columns } of tables) {
      const { rows } = await admin.query<{ line: string }>(`SELECT concat_ws(' ', ${columns}) AS line FROM ${name}`);
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
    const dumps = await Promise.all(keys.map(async (key) => `${key} ${(await redis.dumpBuffer(key))?.toString('latin1') ?? ''}`));
    return dumps.join('\n');
  } finally {
    redis.disconnect();
  }
}

/** What the log shows is an allow-list: src/platform/logging. */
describe('secrets, after a day in the life of a tenant', () => {
  let redis: Awaited<ReturnType<typeof startOwnRedis>>;
  let t: TestApp;
  let tenant: TestTenant;
  const secrets: Record<string, string> = { password: PASSWORD, chosen: CHOSEN, account_number: ACCOUNT_NUMBER, webhook: WEBHOOK_SECRET };
  const answers: string[] = [];

  const post = async (path: string, body: object, headers: Record<string, string> = {}) => {
    const answer = await fetch(`${t.url}/api/v1${path}`, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) });
    const text = await answer.text();
    if (!answer.ok) answers.push(text);
    return { status: answer.status, headers: answer.headers, body: (text ? JSON.parse(text) : {}) as Record<string, string> };
  };

  beforeAll(async () => {
    redis = await startOwnRedis();
    t = await startApp({ env: { REDIS_URL: redis.url } });
    tenant = await t.tenant();
    Object.assign(secrets, { api_key: tenant.apiKey, stripe: tenant.stripeKey });
    await dayOfATenant();
    await dayOfAPerson();
  });
  afterAll(async () => {
    await t.close();
    await redis.stop();
  });

  async function dayOfATenant(): Promise<void> {
    secrets['second_key'] = (await tenant.must<{ secret: string }>('POST', '/api-keys', { name: 'second', scopes: ['*'] })).secret;
    const ann = await tenant.must<{ id: string }>('POST', '/recipients', { type: 'INDIVIDUAL', name: 'Ann', country: 'US', account_number: ACCOUNT_NUMBER, bank_code: '110000000' });
    const refused = await tenant.call('POST', '/recipients', { type: 'NOBODY', name: 'Ann', country: 'US', account_number: ACCOUNT_NUMBER, bank_code: '110000000' });
    answers.push(refused.text);
    await tenant.post('/payouts', { recipient_id: ann.id, amount: '1.00', currency: 'USD' });
    await tenant.call('POST', '/connections/webhook-endpoints', { family: 'account', secret: WEBHOOK_SECRET });
  }

  async function dayOfAPerson(): Promise<void> {
    const email = 'ann@example.com';
    const invitation = await t.app.get(People, { strict: false }).create({ email, name: 'Ann', isPlatformAdmin: false });
    secrets['invitation'] = invitation.token;
    await post('/auth/accept-invitation', { token: invitation.token, password: PASSWORD });
    const invited = await tenant.must<{ token: string; id: string }>('POST', '/users', { email, name: 'Ann', role: 'analyst' });
    secrets['second_invitation'] = invited.token;
    await post('/auth/accept-invitation', { token: invited.token, password: PASSWORD });
    secrets['session'] = /=([^;]+)/.exec((await post('/auth/login', { email, password: PASSWORD })).headers.get('set-cookie') ?? '')?.[1] ?? '';
    const { body: pair } = await post('/auth/token', { email, password: PASSWORD });
    const { body: next } = await post('/auth/refresh', { refresh_token: pair['refresh_token'] });
    Object.assign(secrets, { access: pair['access_token'], refresh: pair['refresh_token'], next_access: next['access_token'], next_refresh: next['refresh_token'] });
    const reset = await tenant.must<{ token: string }>('POST', `/users/${invitation.userId}/reset-password`, {});
    secrets['reset'] = reset.token;
    await post('/auth/reset-password', { token: reset.token, password: 'password' });
    await post('/auth/login', { email, password: CHOSEN });
    await post('/auth/refresh', { refresh_token: pair['refresh_token'] });
    await post('/auth/reset-password', { token: reset.token, password: CHOSEN });
  }

  const missing = () => Object.entries(secrets).filter(([, secret]) => (secret ?? '').length < 10).map(([name]) => name);
  const found = (text: string) => Object.entries(secrets).filter(([, secret]) => text.includes(secret)).map(([name]) => name);

  it('were all there', () => {
    expect(missing()).toEqual([]);
    expect(answers.length).toBeGreaterThan(3);
  });

  it('stand in no table of the database', async () => {
    const dump = await databaseDump(t.urls.admin);
    expect(dump).toContain('ann@example.com');
    expect(found(dump)).toEqual([]);
  });

  it('stand nowhere in Redis', async () => {
    const dump = await redisDump(redis.url);
    expect(dump.length).toBeGreaterThan(0);
    expect(found(dump)).toEqual([]);
  });

  it('stand in no refusal and in no figure', async () => {
    expect(found(answers.join('\n'))).toEqual([]);
    expect(found(await (await fetch(`${t.url}/metrics`)).text())).toEqual([]);
  });
});
