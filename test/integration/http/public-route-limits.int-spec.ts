import { UnitOfWork } from '../../../src/kernel/tx';
import { Users } from '../../../src/modules/identity';
import { PasswordHasher } from '../../../src/modules/identity/accounts/application/ports';
import { startApp, type TestApp } from '../../support';
import { startOwnRedis } from '../../support/servers';

const REQUESTS = 3;
const OWN = 5;
const PASSWORD = 'seven green elephants sing';
const token = (prefix: string) => `${prefix}_${'A'.repeat(43)}`;
const PUBLIC_ROUTES: [string, object][] = [
  ['login', { email: 'unknown@example.com', password: PASSWORD }],
  ['token', { email: 'unknown@example.com', password: PASSWORD }],
  ['refresh', { refresh_token: token('dr') }],
  ['revoke', { refresh_token: token('dr') }],
  ['accept-invitation', { token: token('di'), password: PASSWORD }],
  ['reset-password', { token: token('dp'), password: PASSWORD }],
];

describe('public routes of a process with one trusted proxy', () => {
  let redis: Awaited<ReturnType<typeof startOwnRedis>>;
  let t: TestApp;

  beforeAll(async () => {
    redis = await startOwnRedis();
    const env = {
      ROLES: 'api',
      REDIS_URL: redis.url,
      TRUSTED_PROXIES: '1',
      AUTH_REQUESTS_PER_MINUTE: String(REQUESTS),
      API_KEY_RATE_PER_SECOND: '1',
      API_KEY_BURST: String(OWN),
    };
    t = await startApp({ env });
  });
  afterAll(async () => {
    await t.close();
    await redis.stop();
  });

  async function call(
    method: string,
    path: string,
    address: string,
    body?: object,
    headers: Record<string, string> = {},
  ) {
    const content: Record<string, string> = body ? { 'content-type': 'application/json' } : {};
    const answer = await fetch(`${t.url}/api/v1/auth/${path}`, {
      method,
      headers: { ...content, 'x-forwarded-for': address, ...headers },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    return { status: answer.status, headers: answer.headers, text: await answer.text() };
  }

  const post = (way: string, body: object, address: string) => call('POST', way, address, body);

  it.each(PUBLIC_ROUTES)(
    'limits the requests of one address (%s) before the database or the hasher is used',
    async (way, body) => {
      const address = `198.51.100.${PUBLIC_ROUTES.findIndex(([one]) => one === way)}`;
      for (let i = 0; i < REQUESTS; i++) expect((await post(way, body, address)).status).not.toBe(429);
      const uow = t.app.get(UnitOfWork, { strict: false });
      const uses = [
        jest.spyOn(uow, 'runAcrossTenants'),
        jest.spyOn(uow, 'run'),
        jest.spyOn(uow, 'runForSystem'),
        jest.spyOn(t.app.get(PasswordHasher, { strict: false }), 'verify'),
      ];
      const rejected = await post(way, body, address);
      expect(rejected.status).toBe(429);
      expect(JSON.parse(rejected.text)).toMatchObject({ code: 'rate_limited' });
      expect(Number(rejected.headers.get('retry-after'))).toBeGreaterThan(0);
      expect(Number(rejected.headers.get('retry-after'))).toBeLessThanOrEqual(60 / REQUESTS);
      for (const one of uses) expect(one).not.toHaveBeenCalled();
    },
  );

  it('counts all public routes together, and a network of IPv6 as one address', async () => {
    const statuses = [];
    for (const [i, [way, body]] of PUBLIC_ROUTES.slice(0, REQUESTS + 1).entries())
      statuses.push((await post(way, body, `2001:db8:1:2::${i + 1}`)).status);
    expect(statuses.filter((status) => status === 429)).toHaveLength(1);
    expect((await post('revoke', { refresh_token: token('dr') }, '2001:db8:1:3::1')).status).toBe(204);
  });

  it('limits the requests of an authenticated user, whatever the tenant and the address', async () => {
    const { token: invitation } = await t.app
      .get(Users, { strict: false })
      .create({ email: 'ann@example.com', name: 'Ann', isPlatformAdmin: false });
    expect(
      (await post('accept-invitation', { token: invitation, password: PASSWORD }, '192.0.2.1')).status,
    ).toBe(204);
    const pair = JSON.parse(
      (await post('token', { email: 'ann@example.com', password: PASSWORD }, '192.0.2.1')).text,
    ) as { access_token: string };
    const startedAt = performance.now();
    const bearer = { authorization: `Bearer ${pair.access_token}` };
    const answers = await Promise.all(
      Array.from({ length: 40 }, (_, i) => call('GET', 'profile', `192.0.2.${i}`, undefined, bearer)),
    );
    const refilled = Math.ceil((performance.now() - startedAt) / 1_000);
    const passed = answers.filter(({ status }) => status === 200);
    expect(passed.length).toBeGreaterThanOrEqual(OWN);
    expect(passed.length).toBeLessThanOrEqual(OWN + refilled);
    expect(passed[0]?.headers.get('ratelimit-limit')).toBe(String(OWN));
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(40 - passed.length);
  });
});
