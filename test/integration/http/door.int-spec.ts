import { UnitOfWork } from '../../../src/kernel/tx';
import { Users } from '../../../src/modules/identity';
import { PasswordHasher } from '../../../src/modules/identity/accounts/application/ports';
import { startApp, type TestApp } from '../../support';
import { startOwnRedis } from '../../support/servers';

const KNOCKS = 3;
const OWN = 5;
const PASSWORD = 'seven green elephants sing';
const token = (prefix: string) => `${prefix}_${'A'.repeat(43)}`;
const KNOCKING: [string, object][] = [
  ['login', { email: 'nobody@example.com', password: PASSWORD }],
  ['token', { email: 'nobody@example.com', password: PASSWORD }],
  ['refresh', { refresh_token: token('dr') }],
  ['revoke', { refresh_token: token('dr') }],
  ['accept-invitation', { token: token('di'), password: PASSWORD }],
  ['reset-password', { token: token('dp'), password: PASSWORD }],
];

describe('the door, in a process behind one proxy', () => {
  let redis: Awaited<ReturnType<typeof startOwnRedis>>;
  let t: TestApp;

  beforeAll(async () => {
    redis = await startOwnRedis();
    const env = {
      ROLES: 'api',
      REDIS_URL: redis.url,
      TRUSTED_PROXIES: '1',
      AUTH_REQUESTS_PER_MINUTE: String(KNOCKS),
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

  const knock = (way: string, body: object, address: string) => call('POST', way, address, body);

  it.each(KNOCKING)(
    'is knocked at so often by one address (%s), and asks neither the database nor the hasher for more',
    async (way, body) => {
      const address = `198.51.100.${KNOCKING.findIndex(([one]) => one === way)}`;
      for (let i = 0; i < KNOCKS; i++) expect((await knock(way, body, address)).status).not.toBe(429);
      const uow = t.app.get(UnitOfWork, { strict: false });
      const asked = [
        jest.spyOn(uow, 'runAcrossTenants'),
        jest.spyOn(uow, 'run'),
        jest.spyOn(uow, 'runForSystem'),
        jest.spyOn(t.app.get(PasswordHasher, { strict: false }), 'verify'),
      ];
      const refused = await knock(way, body, address);
      expect(refused.status).toBe(429);
      expect(JSON.parse(refused.text)).toMatchObject({ code: 'rate_limited' });
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
      expect(Number(refused.headers.get('retry-after'))).toBeLessThanOrEqual(60 / KNOCKS);
      for (const one of asked) expect(one).not.toHaveBeenCalled();
    },
  );

  it('counts all ways together, and takes a network of IPv6 for one address', async () => {
    const statuses = [];
    for (const [i, [way, body]] of KNOCKING.slice(0, KNOCKS + 1).entries())
      statuses.push((await knock(way, body, `2001:db8:1:2::${i + 1}`)).status);
    expect(statuses.filter((status) => status === 429)).toHaveLength(1);
    expect((await knock('revoke', { refresh_token: token('dr') }, '2001:db8:1:3::1')).status).toBe(204);
  });

  it('lets a person who is inside do so much a second, whatever the tenant and wherever from', async () => {
    const { token: invitation } = await t.app
      .get(Users, { strict: false })
      .create({ email: 'ann@example.com', name: 'Ann', isPlatformAdmin: false });
    expect(
      (await knock('accept-invitation', { token: invitation, password: PASSWORD }, '192.0.2.1')).status,
    ).toBe(204);
    const pair = JSON.parse(
      (await knock('token', { email: 'ann@example.com', password: PASSWORD }, '192.0.2.1')).text,
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
