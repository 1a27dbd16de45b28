import { Redis } from 'ioredis';
import { LoginLimits } from '../../../src/modules/identity/accounts/application/login-limits';
import { PasswordHasher } from '../../../src/modules/identity/accounts/application/ports';
import {
  InProcessCache,
  InProcessTokenBucket,
  RedisCache,
  redisOptions,
  RedisTokenBucket,
} from '../../../src/platform/cache';
import { Environment } from '../../../src/platform/config';
import { startOwnRedis } from '../../support/servers';
import { QuietLog } from '../platform/quiet-log';
import { PASSWORD, IdentityWorld, type TestUser } from './support/identity-world';

const LIMIT = 5;
const HOME = '198.51.100.7';
const ATTACKER = '203.0.113.9';

let w: IdentityWorld;
const clock = { nowMs: 0 };

beforeAll(async () => {
  w = await IdentityWorld.start();
});
afterAll(() => w.close());
beforeEach(() => {
  const now = () => clock.nowMs;
  const limits = new LoginLimits(
    new InProcessTokenBucket(1, now),
    new InProcessCache(now),
    Object.assign(new Environment(), { loginTriesMax: LIMIT }),
  );
  jest.spyOn(w.get(LoginLimits), 'waitS').mockImplementation((...args) => limits.waitS(...args));
  jest
    .spyOn(w.get(LoginLimits), 'recordSuccess')
    .mockImplementation((...args) => limits.recordSuccess(...args));
});

const login = ({ email }: Pick<TestUser, 'email'>, address: string, password = PASSWORD, way = 'login') =>
  w.ask('POST', `/auth/${way}`, { email, password }, {}, address);
const wrong = (person: Pick<TestUser, 'email'>, address = ATTACKER) =>
  login(person, address, 'wrong wrong wrong');

describe('passwords tried on one account', () => {
  it('are hashed ten times for a thousand concurrent requests, and once per new network', async () => {
    const ann = await w.user();
    const verify = jest.spyOn(w.get(PasswordHasher), 'verify');
    const responses = await Promise.all(
      Array.from({ length: 1_000 }, (_, i) => wrong(ann, `203.0.${113 + (i >> 8)}.${i & 255}`)),
    );
    const hashed = 2 * LIMIT + new Set(['203.0.113', '203.0.114', '203.0.115', '203.0.116']).size;
    expect(verify).toHaveBeenCalledTimes(hashed);
    expect(responses.filter(({ status }) => status === 401)).toHaveLength(hashed);
    const refused = responses.filter(({ status }) => status === 429);
    expect(refused).toHaveLength(1_000 - hashed);
    expect([refused[0]?.body['code'], refused[0]?.headers['retry-after']]).toEqual(['rate_limited', '60']);
    expect(w.t.log.lines.filter(({ event }) => event === 'security.login_throttled').length).toBe(
      1_000 - hashed,
    );
  });

  it('are counted together, on every route, and however the address is written', async () => {
    const ann = await w.user();
    for (const way of ['login', 'token', 'login', 'token', 'login'])
      expect((await login({ email: ann.email.toUpperCase() }, ATTACKER, 'wrong wrong', way)).status).toBe(
        401,
      );
    expect((await login(ann, ATTACKER, PASSWORD, 'token')).status).toBe(429);
  });

  it('are limited for an account that does not exist too', async () => {
    const statuses = [];
    for (let i = 0; i <= LIMIT; i++) statuses.push((await wrong({ email: 'unknown@example.com' })).status);
    expect(statuses).toEqual([401, 401, 401, 401, 401, 429]);
  });

  it('are limited for a caller with a token for the account, or with a session', async () => {
    const ann = await w.user();
    const { token } = await w.invited(await w.tenant(), ann.email, 'analyst');
    const guess = () =>
      w.ask('POST', '/auth/accept-invitation', { token, password: 'a guess at it' }, {}, ATTACKER);
    for (let i = 0; i < LIMIT; i++) expect((await guess()).status).toBe(422);
    expect((await guess()).status).toBe(429);
  });
});

describe('the owner of an account under attack', () => {
  it('can log in from a recognised address, while other networks are rejected', async () => {
    const ann = await w.user();
    expect((await login(ann, HOME)).status).toBe(200);
    for (let i = 0; i < LIMIT * 2; i++) await wrong(ann);
    expect((await wrong(ann)).status).toBe(429);
    expect((await login(ann, HOME)).status).toBe(200);
  });

  it("can log in from another network: one address cannot use up the account's attempts", async () => {
    const ann = await w.user();
    for (let i = 0; i < LIMIT * 4; i++) await wrong(ann);
    expect((await login(ann, '198.51.100.8')).status).toBe(200);
  });

  it('can log in from a new network during an attack, and again as soon as Retry-After says', async () => {
    const ann = await w.user();
    for (let i = 0; i < LIMIT * 4; i++) await wrong(ann, `203.0.113.${i}`);
    const refused = await wrong(ann, '203.0.113.200');
    expect([refused.status, refused.headers['retry-after']]).toEqual([429, '60']);
    clock.nowMs += 59_000;
    expect((await login(ann, '203.0.113.201')).status).toBe(429);
    clock.nowMs += 1_000;
    expect((await wrong(ann, '203.0.113.202')).status).toBe(401);
    expect((await login(ann, '198.51.100.8')).status).toBe(200);
  });

  it('has no more attempts at a recognised address than another network has', async () => {
    const ann = await w.user();
    expect((await login(ann, HOME)).status).toBe(200);
    const statuses = [];
    for (let i = 0; i <= LIMIT; i++) statuses.push((await wrong(ann, HOME)).status);
    expect(statuses).toEqual([401, 401, 401, 401, 401, 429]);
  });
});

describe('rejected attempts', () => {
  it('leave nothing in Redis, whatever accounts they name', async () => {
    const server = await startOwnRedis();
    const redis = new Redis({ ...redisOptions(server.url) });
    try {
      const own = new InProcessTokenBucket(1);
      const limits = new LoginLimits(
        new RedisTokenBucket(redis, own, 5_000, new QuietLog()),
        new RedisCache(redis, new InProcessCache(), 5_000, new QuietLog()),
        Object.assign(new Environment(), { loginTriesMax: LIMIT }),
      );
      const tryAt = (nth: number) => limits.waitS(`victim-${nth}@example.com`, ATTACKER);
      for (let nth = 0; (await tryAt(nth)) === null; nth++);
      const before = await redis.dbsize();
      const refused = (await Promise.all(Array.from({ length: 200 }, (_, i) => tryAt(1_000 + i)))).filter(
        (waitS) => waitS !== null,
      ).length;
      // A let-in try, where a token came back meanwhile, keeps what was counted of it.
      expect(await redis.dbsize()).toBeLessThanOrEqual(before + 3 * (200 - refused));
      expect(refused).toBeGreaterThan(150);
    } finally {
      redis.disconnect();
      await server.stop();
    }
  });
});

describe('one address', () => {
  it('can try few passwords on many accounts, and slows down no other address', async () => {
    const ann = await w.user();
    const responses = await Promise.all(
      Array.from({ length: 100 }, (_, i) => wrong({ email: `victim-${i}@example.com` })),
    );
    expect(responses.filter(({ status }) => status === 401)).toHaveLength(20);
    expect((await login(ann, HOME)).status).toBe(200);
  });
});
