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
import { PASSWORD, PeopleWorld, type Person } from './support/identity-world';

const LIMIT = 5;
const HOME = '198.51.100.7';
const ATTACKER = '203.0.113.9';

let w: PeopleWorld;
const clock = { nowMs: 0 };

beforeAll(async () => {
  w = await PeopleWorld.start();
});
afterAll(() => w.close());
beforeEach(() => {
  const now = () => clock.nowMs;
  const limits = new LoginLimits(
    new InProcessTokenBucket(1, now),
    new InProcessCache(now),
    Object.assign(new Environment(), { loginTriesMax: LIMIT }),
  );
  jest.spyOn(w.get(LoginLimits), 'waitS').mockImplementation((...asked) => limits.waitS(...asked));
  jest
    .spyOn(w.get(LoginLimits), 'recordSuccess')
    .mockImplementation((...asked) => limits.recordSuccess(...asked));
});

const login = ({ email }: Pick<Person, 'email'>, address: string, password = PASSWORD, way = 'login') =>
  w.ask('POST', `/auth/${way}`, { email, password }, {}, address);
const wrong = (person: Pick<Person, 'email'>, address = ATTACKER) =>
  login(person, address, 'wrong wrong wrong');

describe('passwords tried on one account', () => {
  it('a thousand at once, from as many addresses, are hashed ten times, and once for each network that is new', async () => {
    const ann = await w.person();
    const verify = jest.spyOn(w.get(PasswordHasher), 'verify');
    const answers = await Promise.all(
      Array.from({ length: 1_000 }, (_, i) => wrong(ann, `203.0.${113 + (i >> 8)}.${i & 255}`)),
    );
    const hashed = 2 * LIMIT + new Set(['203.0.113', '203.0.114', '203.0.115', '203.0.116']).size;
    expect(verify).toHaveBeenCalledTimes(hashed);
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(hashed);
    const refused = answers.filter(({ status }) => status === 429);
    expect(refused).toHaveLength(1_000 - hashed);
    expect([refused[0]?.body['code'], refused[0]?.headers['retry-after']]).toEqual(['rate_limited', '60']);
    expect(w.t.log.lines.filter(({ event }) => event === 'security.login_throttled').length).toBe(
      1_000 - hashed,
    );
  });

  it('are counted together, by whatever way they are tried, and however the address is written', async () => {
    const ann = await w.person();
    for (const way of ['login', 'token', 'login', 'token', 'login'])
      expect((await login({ email: ann.email.toUpperCase() }, ATTACKER, 'wrong wrong', way)).status).toBe(
        401,
      );
    expect((await login(ann, ATTACKER, PASSWORD, 'token')).status).toBe(429);
  });

  it('are limited for an account that is not there, too', async () => {
    const statuses = [];
    for (let i = 0; i <= LIMIT; i++) statuses.push((await wrong({ email: 'nobody@example.com' })).status);
    expect(statuses).toEqual([401, 401, 401, 401, 401, 429]);
  });

  it('are limited where a token for the account is held, or a session', async () => {
    const ann = await w.person();
    const { token } = await w.invited(await w.tenant(), ann.email, 'analyst');
    const guess = () =>
      w.ask('POST', '/auth/accept-invitation', { token, password: 'a guess at it' }, {}, ATTACKER);
    for (let i = 0; i < LIMIT; i++) expect((await guess()).status).toBe(422);
    expect((await guess()).status).toBe(429);
  });
});

describe('the owner of an account that somebody keeps trying', () => {
  it('comes in from an address that is known, while strangers are refused', async () => {
    const ann = await w.person();
    expect((await login(ann, HOME)).status).toBe(200);
    for (let i = 0; i < LIMIT * 2; i++) await wrong(ann);
    expect((await wrong(ann)).status).toBe(429);
    expect((await login(ann, HOME)).status).toBe(200);
  });

  it('comes in from elsewhere too: one address cannot use up what an account has', async () => {
    const ann = await w.person();
    for (let i = 0; i < LIMIT * 4; i++) await wrong(ann);
    expect((await login(ann, '198.51.100.8')).status).toBe(200);
  });

  it('comes in from a place that is new while many use up what an account has, and from there again as soon as Retry-After says', async () => {
    const ann = await w.person();
    for (let i = 0; i < LIMIT * 4; i++) await wrong(ann, `203.0.113.${i}`);
    const refused = await wrong(ann, '203.0.113.200');
    expect([refused.status, refused.headers['retry-after']]).toEqual([429, '60']);
    clock.nowMs += 59_000;
    expect((await login(ann, '203.0.113.201')).status).toBe(429);
    clock.nowMs += 1_000;
    expect((await wrong(ann, '203.0.113.202')).status).toBe(401);
    expect((await login(ann, '198.51.100.8')).status).toBe(200);
  });

  it('has no more tries at a known address than a stranger has', async () => {
    const ann = await w.person();
    expect((await login(ann, HOME)).status).toBe(200);
    const statuses = [];
    for (let i = 0; i <= LIMIT; i++) statuses.push((await wrong(ann, HOME)).status);
    expect(statuses).toEqual([401, 401, 401, 401, 401, 429]);
  });
});

describe('tries that are refused', () => {
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
  it('tries few passwords on many accounts, and slows nobody else', async () => {
    const ann = await w.person();
    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, i) => wrong({ email: `victim-${i}@example.com` })),
    );
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(20);
    expect((await login(ann, HOME)).status).toBe(200);
  });
});
