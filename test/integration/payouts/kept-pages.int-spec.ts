import { Redis } from 'ioredis';
import { Client } from 'pg';
import { newId } from '../../../src/kernel/ids';
import { UnitOfWork } from '../../../src/kernel/tx';
import { ListPayouts } from '../../../src/modules/payouts/application/list-payouts.query';
import { OnPayoutCreated } from '../../../src/modules/payouts/application/on-payout-created';
import { OnTransferFinished } from '../../../src/modules/payouts/application/on-transfer-finished';
import { startApp, TestTenant, type TestApp, until } from '../../support';
import { type OwnRedis, startOwnRedis } from '../../support/servers';
import { requestPayout, waitForStatus, newKey, pay, type PayoutJson, getPayout } from './support/payouts';

const LIST = '/payouts?limit=50';
const SOON_MS = 5_000;

/**
 * Two processes and a Redis; the test is the worker. What a list remembers shows when its rows are changed
 * behind the back of the program: whoever reads the mark has asked the database.
 */
describe('A kept list of payouts', () => {
  let redis: OwnRedis;
  let server: Redis;
  let admin: Client;
  let world: TestApp;
  let beside: TestApp;
  let here: TestTenant;
  let there: TestTenant;
  let ann: string;

  beforeAll(async () => {
    redis = await startOwnRedis();
    server = new Redis(redis.url, { maxRetriesPerRequest: null });
    server.on('error', () => undefined);
    const env = { ROLES: 'api', REDIS_URL: redis.url };
    world = await startApp({ env });
    beside = await startApp({ env, beside: world });
    admin = new Client({ connectionString: world.urls.admin });
    await admin.connect();
    [here, there] = await both();
    ann = (await here.recipients(['ann'], { connected: false })).get('ann') as string;
  });
  afterAll(async () => {
    await admin.end();
    await beside.close();
    await world.close();
    server.disconnect();
    await redis.stop();
  });

  async function both(): Promise<[TestTenant, TestTenant]> {
    const tenant = await world.tenant();
    return [tenant, new TestTenant(beside.url, tenant.id, tenant.apiKey, tenant.stripeKey, tenant.simulator)];
  }

  const read = async (by: TestTenant, path = LIST) =>
    (await by.get<{ results: (PayoutJson & { description: string | null })[] }>(path)).results;
  const shows = async (by: TestTenant, mark: string) =>
    (await read(by)).every(({ description }) => description === mark);

  /** Past the triggers, which would refuse it. */
  async function markBehind(tenant: TestTenant): Promise<string> {
    const mark = newKey();
    await admin.query('BEGIN; SET LOCAL session_replication_role = replica');
    await admin.query('UPDATE payouts.payouts SET description = $2 WHERE tenant_id = $1', [tenant.id, mark]);
    await admin.query('COMMIT');
    return mark;
  }

  /** Reads until each process answers from memory, and leaves a mark that only the database has. */
  async function kept(...readers: TestTenant[]): Promise<string> {
    for (const by of readers) {
      await until('the list is kept', async () => {
        await read(by);
        return !(await shows(by, await markBehind(by)));
      });
    }
    const mark = await markBehind(readers[0] as TestTenant);
    for (const by of readers) expect(await shows(by, mark)).toBe(false);
    return mark;
  }

  const start = (id: string) => {
    const [uow, reaction] = [
      world.app.get(UnitOfWork, { strict: false }),
      world.app.get(OnPayoutCreated, { strict: false }),
    ];
    return uow.run(here.id, (tx) =>
      reaction.handle(tx, [
        {
          id: newId(),
          name: 'payout.created',
          occurredAt: new Date(),
          payload: { payout_id: id, status: 'NEW' },
        },
      ]),
    );
  };
  const end = (id: string) => {
    const [uow, reaction] = [
      world.app.get(UnitOfWork, { strict: false }),
      world.app.get(OnTransferFinished, { strict: false }),
    ];
    return uow.run(here.id, (tx) =>
      reaction.handle(tx, [
        {
          id: newId(),
          name: 'transfer.completed',
          occurredAt: new Date(),
          payload: {
            transfer_id: newId(),
            origin: { kind: 'payout', id },
            job_id: null,
            recipient_id: ann,
            reason: null,
          },
        },
      ]),
    );
  };
  const markPaid = async (id: string) =>
    here.post(`/transfers/${(await getPayout(here, id)).transfer_id}/mark-paid`, {
      reason: 'sent',
      external_id: newKey(),
    });
  const of = (id: string) => (payout: PayoutJson) => payout.id === id;

  const order = () => ({ recipient_id: ann, amount: '1.00', currency: 'USD' });
  const writes: [
    string,
    (id: string) => Promise<unknown>,
    (listed: readonly PayoutJson[], id: string) => boolean,
  ][] = [
    ['a payout is made', () => pay(here, ann, '77.01'), (listed) => listed[0]?.amount === '77.01'],
    [
      'a batch is made',
      () => here.post('/payouts/batch', { payouts: [order(), { ...order(), amount: '77.02' }] }),
      (listed) => listed[0]?.amount === '77.02',
    ],
    ['a worker starts one', start, (listed, id) => listed.find(of(id))?.status === 'PROCESSING'],
    [
      'a person starts one',
      (id) => here.must('PATCH', `/payouts/${id}`, { status: 'PROCESSING' }),
      (listed, id) => listed.find(of(id))?.status === 'PROCESSING',
    ],
    [
      'a person fails one',
      (id) => here.must('PATCH', `/payouts/${id}`, { status: 'FAILED' }),
      (listed, id) => listed.find(of(id))?.status === 'FAILED',
    ],
    [
      'one is deleted',
      (id) => here.must('DELETE', `/payouts/${id}`),
      (listed, id) => listed.find(of(id))?.status === 'CANCELLED',
    ],
    [
      'one is cancelled',
      (id) => here.post(`/payouts/${id}/cancel`, {}),
      (listed, id) => listed.find(of(id))?.status === 'CANCELLED',
    ],
  ];

  it.each(writes)('is read again by both processes when %s', async (_what, write, isThere) => {
    const { id } = await pay(here, ann);
    await kept(here, there);
    await write(id);
    expect(isThere(await read(here), id)).toBe(true);
    await until('the other process reads again', async () => isThere(await read(there), id), SOON_MS);
  });

  it('is read again by both processes when a transfer ends, by a worker or by a person', async () => {
    const [first, second] = [await pay(here, ann), await pay(here, ann)];
    await start(first.id);
    await start(second.id);
    await markPaid(first.id);
    await kept(here, there);
    await end(first.id);
    expect((await read(here)).find(of(first.id))?.status).toBe('COMPLETED');
    await until(
      'the other process reads again',
      async () => (await read(there)).find(of(first.id))?.status === 'COMPLETED',
      SOON_MS,
    );
    await kept(here, there);
    await here.must('PATCH', `/payouts/${second.id}`, { status: 'COMPLETED', external_id: 'SEPA-1' });
    expect((await read(here)).find(of(second.id))?.status).toBe('COMPLETED');
    await until(
      'the other process reads again',
      async () => (await read(there)).find(of(second.id))?.status === 'COMPLETED',
      SOON_MS,
    );
  });

  it('is not made of what was read before a write', async () => {
    const { id } = await pay(here, ann);
    await kept(here);
    await pay(here, ann);
    await read(here);
    const list = world.app.get(ListPayouts, { strict: false });
    const run = list.execute.bind(list);
    jest.spyOn(list, 'execute').mockImplementationOnce(async (...given) => {
      const rows = await run(...given);
      await here.must('DELETE', `/payouts/${id}`);
      return rows;
    });
    // An address of its own, so that it is not yet kept under the version of now.
    const path = '/payouts?limit=51';
    expect((await read(here, path)).find(of(id))?.status).toBe('NEW');
    for (let n = 0; n < 3; n++) expect((await read(here, path)).find(of(id))?.status).toBe('CANCELLED');
  });

  it('is told by nothing in the answer, and costs its readers what any answer costs', async () => {
    const fresh = await here.call('GET', '/payouts?limit=49');
    await kept(here);
    const [one, two] = [await here.call('GET', LIST), await here.call('GET', LIST)];
    expect(one.text).toBe(two.text);
    const names = ({ headers }: { headers: Headers }) => [...headers.keys()].sort();
    expect([names(one), one.headers.get('content-type')]).toEqual([
      names(fresh),
      fresh.headers.get('content-type'),
    ]);
    expect(Number(two.headers.get('ratelimit-remaining'))).toBeLessThanOrEqual(
      Number(one.headers.get('ratelimit-remaining')),
    );
    expect(one.headers.get('x-request-id')).not.toBe(two.headers.get('x-request-id'));
  });

  it('is for those who may read it, as often as they may', async () => {
    await kept(here);
    const withKey = (secret: string) =>
      here.call<{ code: string }>('GET', LIST, undefined, { 'X-API-Key': secret });
    const keyFor = (body: object) =>
      here.post<{ secret: string }>('/api-keys', { name: 'of a test', ...body });
    expect((await withKey(`dk_${'x'.repeat(40)}`)).status).toBe(401);
    const { secret: elsewhere } = await keyFor({ scopes: ['recipients:read'] });
    expect((await withKey(elsewhere)).status).toBe(403);
    const { secret: slow } = await keyFor({ scopes: ['payouts:read'], rate_limit_per_minute: 1 });
    expect((await withKey(slow)).status).toBe(200);
    const statuses = await Promise.all(Array.from({ length: 50 }, async () => (await withKey(slow)).status));
    expect(statuses).toContain(429);
  });

  it('is the list of one tenant, though another asks for the same address', async () => {
    const [other] = await both();
    const bob = (await other.recipients(['bob'])).get('bob') as string;
    const { id } = await pay(other, bob);
    await kept(here);
    await kept(other);
    expect((await read(other)).map((payout) => payout.id)).toEqual([id]);
    expect((await read(here)).some(of(id))).toBe(false);
    const mark = await kept(here);
    await pay(other, bob);
    // What one tenant writes leaves what is kept for another.
    expect(await shows(here, mark)).toBe(false);
  });

  it('is read again when Redis forgets everything', async () => {
    const mark = await kept(here, there);
    await server.flushall();
    expect([await shows(here, mark), await shows(there, mark)]).toEqual([true, true]);
    await kept(here, there);
  });

  it('is not asked for while Redis is away, and a write that Redis did not hear of is told when it is back', async () => {
    const { id } = await pay(here, ann);
    const mark = await kept(here, there);
    // It comes back with what it knew: the versions under which both processes still keep their pages.
    await server.save();
    await redis.kill();
    await until(
      'both read the database',
      async () => (await shows(here, mark)) && (await shows(there, mark)),
      SOON_MS,
    );
    expect((await requestPayout(here, order())).status).toBe(201);
    await here.must('DELETE', `/payouts/${id}`);
    expect((await read(there)).find(of(id))?.status).toBe('CANCELLED');
    await redis.start();
    await until(
      'the other process hears of it',
      async () => {
        // Who wrote never goes back to what was before, from the first moment on.
        expect((await read(here)).find(of(id))?.status).toBe('CANCELLED');
        return keptAnew(id);
      },
      2 * SOON_MS,
    );
  }, 60_000);

  /** Both remember again, and what they remember is what was written. */
  async function keptAnew(id: string): Promise<boolean> {
    const listed = [await read(here), await read(there)];
    const mark = await markBehind(here);
    const remember = !(await shows(here, mark)) && !(await shows(there, mark));
    return remember && listed.every((list) => list.find(of(id))?.status === 'CANCELLED');
  }

  it('is kept by nobody where several processes have no Redis between them', async () => {
    const alone = await startApp({ env: { ROLES: 'api' }, beside: world });
    const reader = new TestTenant(alone.url, here.id, here.apiKey, here.stripeKey, here.simulator);
    for (let n = 0; n < 3; n++) expect(await shows(reader, await markBehind(here))).toBe(true);
    await alone.close();
  });

  it('is kept by one process that plays every role, without a Redis', async () => {
    const alone = await startApp({ beside: world });
    const { id: tenant, apiKey, stripeKey, simulator } = await world.tenant();
    const reader = new TestTenant(alone.url, tenant, apiKey, stripeKey, simulator);
    const { id } = await pay(
      reader,
      (await reader.recipients(['bob'], { connected: false })).get('bob') as string,
    );
    await waitForStatus(reader, id, 'PROCESSING');
    await kept(reader);
    await reader.must('PATCH', `/payouts/${id}`, { status: 'FAILED' });
    expect(await read(reader)).toMatchObject([{ id, status: 'FAILED' }]);
    await alone.close();
  });
});
