import { InProcessCache, InProcessTokenBucket } from '../../../../platform/cache';
import { Environment } from '../../../../platform/config';
import { LoginLimits } from './login-limits';

const TRIES = 5;
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const ANN = 'ann@example.com';

describe('password attempts', () => {
  const clock = { nowMs: 0 };
  let limits: LoginLimits;
  beforeEach(() => {
    clock.nowMs = 0;
    const now = () => clock.nowMs;
    limits = new LoginLimits(
      new InProcessTokenBucket(1, now),
      new InProcessCache(now),
      Object.assign(new Environment(), { loginTriesMax: TRIES }),
    );
  });

  const passed = async (
    times: number,
    addressOf: (i: number) => string,
    email: (i: number) => string = () => ANN,
  ) => {
    let count = 0;
    for (let i = 0; i < times; i++) if ((await limits.waitS(email(i), addressOf(i))) === null) count++;
    return count;
  };
  const oneOfThreeHundred = (i: number) => `203.${i % 3}.${i % 100}.9`;

  it("are limited per network, so that one network does not use up the account's attempts", async () => {
    await expect(passed(20, () => '203.0.113.9')).resolves.toBe(TRIES);
    await expect(passed(20, () => '198.51.100.9')).resolves.toBe(TRIES);
  });

  it("from one network do not use up the account's attempts in the long run either", async () => {
    for (let hour = 0; hour < 24; hour++) {
      await passed(60, () => '203.0.113.9');
      await expect(limits.waitS(ANN, '198.51.100.9')).resolves.toBeNull();
      clock.nowMs += 60 * MINUTE_MS;
    }
  });

  it('that the address limit rejects do not count against the account', async () => {
    await passed(
      1_000,
      () => '203.0.113.9',
      (i) => `victim-${i}@example.com`,
    );
    await passed(1_000, () => '203.0.113.9');
    clock.nowMs += 1_000;
    await expect(passed(20, () => '198.51.100.9')).resolves.toBe(TRIES);
    await expect(passed(20, () => '192.0.2.9')).resolves.toBe(TRIES);
  });

  it('are counted per network, whichever of its IPv6 addresses is used', async () => {
    await expect(passed(20, (i) => `2001:db8:1:2::${i + 1}`)).resolves.toBe(TRIES);
  });

  it('are possible once a day from a new network on an account under attack', async () => {
    await passed(200, () => '203.0.113.9');
    await passed(200, () => '203.0.114.9');
    await expect(passed(20, () => '198.51.100.9')).resolves.toBe(1);
    await expect(passed(20, () => '198.51.100.10')).resolves.toBe(0);
    await expect(passed(20, () => '198.51.101.10')).resolves.toBe(1);
  });

  it('are never impossible for ever for the owner, however many networks attack the account', async () => {
    let refused = 0;
    for (let tick = 0; tick < 3 * 24; tick++) {
      refused += 300 - (await passed(300, oneOfThreeHundred));
      if (tick % 24 === 20) await expect(limits.waitS(ANN, '198.51.100.9')).resolves.toBeNull();
      clock.nowMs += 60 * MINUTE_MS;
    }
    expect(refused).toBeGreaterThan(10_000);
  });

  it('have a limit of their own from a network of a successful login, for 30 days', async () => {
    await limits.recordSuccess(ANN, '198.51.100.9');
    for (let i = 0; i < 8; i++) await passed(TRIES, () => `203.0.${i}.9`);
    await expect(passed(20, () => '198.51.100.9')).resolves.toBe(TRIES);
    clock.nowMs += 31 * DAY_MS;
    await expect(limits.waitS(ANN, '198.51.100.9')).resolves.toBeNull();
  });

  it.each([
    ['one network tries on', () => '203.0.113.9'],
    ['many networks try', (i: number) => `203.0.113.${i}`],
  ])('are possible again after the returned seconds, and not before: %s', async (_name, addressOf) => {
    await passed(60, addressOf);
    const address = addressOf(59);
    const waitS = (await limits.waitS(ANN, address)) as number;
    expect(waitS).toBeGreaterThan(1);
    clock.nowMs += (waitS - 1) * 1_000;
    expect(await limits.waitS(ANN, address)).not.toBeNull();
    clock.nowMs += 1_000;
    await expect(limits.waitS(ANN, address)).resolves.toBeNull();
  });
});
