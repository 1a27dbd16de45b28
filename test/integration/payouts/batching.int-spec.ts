import { Client } from 'pg';
import { startApp, type TestApp, type TestTenant, until } from '../../support';
import { requestPayout, newKey, pay, type PayoutJson } from './support/payouts';

type PayoutResponse = Awaited<ReturnType<typeof requestPayout>>;

/**
 * Requests that arrive while two batches of the tenant run share the next transaction. To keep two batches
 * running, the test locks the ledger account of Ann and sends two payouts for her.
 */
describe('Batching of concurrent payout requests', () => {
  let world: TestApp;
  let tenant: TestTenant;
  let people: Map<string, string>;
  let admin: Client;
  let watch: Client;
  let received = 0;

  beforeAll(async () => {
    world = await startApp({ env: { ROLES: 'api' } });
    world.app.getHttpServer().on('request', () => (received += 1));
    [admin, watch] = [
      new Client({ connectionString: world.urls.admin }),
      new Client({ connectionString: world.urls.admin }),
    ];
    await Promise.all([admin.connect(), watch.connect()]);
  });
  beforeEach(async () => {
    tenant = await world.tenant();
    people = await tenant.recipients(['ann', 'bob', 'cyn']);
    await pay(tenant, idOf('ann'), '1.00');
  });
  afterAll(async () => {
    await Promise.all([admin.end(), watch.end()]);
    await world.close();
  });

  const idOf = (name: string) => people.get(name) as string;
  const order = (name: string, amount = '2.00') => ({ recipient_id: idOf(name), amount, currency: 'USD' });
  const waiting = async () =>
    Number(
      (
        await watch.query<{ n: string }>(
          `SELECT count(*) AS n FROM pg_stat_activity WHERE datname = current_database()
            AND wait_event_type = 'Lock'`,
        )
      ).rows[0]?.n,
    );

  /**
   * Sends requests while two batches run. `besides`: how many requests `requests` sends beyond those it returns.
   */
  async function together(
    requests: () => Promise<PayoutResponse>[],
    meanwhile: () => Promise<void> = async () => undefined,
    besides = 0,
  ): Promise<{ held: PayoutResponse[]; batched: PayoutResponse[] }> {
    await admin.query('BEGIN');
    await admin.query(`SELECT FROM ledger.accounts WHERE tenant_id = $1 AND owner = $2 FOR UPDATE`, [
      tenant.id,
      idOf('ann'),
    ]);
    const first = requestPayout(tenant, order('ann'), newKey());
    await until('the first waits for the lock', async () => (await waiting()) === 1);
    const second = requestPayout(tenant, order('ann'), newKey());
    await until('both wait for the lock', async () => (await waiting()) === 2);
    const receivedBefore = received;
    const others = requests();
    await until(
      'the server has received all requests',
      async () => received === receivedBefore + others.length + besides,
    );
    // This takes longer than the way of the requests into the queue.
    await tenant.must('GET', '/payouts?limit=1');
    await meanwhile();
    await admin.query('COMMIT');
    return { held: await Promise.all([first, second]), batched: await Promise.all(others) };
  }

  const transactionsOf = async (responses: readonly PayoutResponse[]) => {
    const references = responses.map(({ body }) => `payout:${(body as unknown as PayoutJson).id}:requested`);
    const { rows } = await watch.query<{ xid: string }>(
      'SELECT xid FROM ledger.entries WHERE tenant_id = $1 AND reference = ANY($2)',
      [tenant.id, references],
    );
    expect(rows).toHaveLength(responses.length);
    return new Set(rows.map(({ xid }) => xid)).size;
  };
  const count = async (table: string) =>
    Number(
      (
        await watch.query<{ n: string }>(`SELECT count(*) AS n FROM ${table} WHERE tenant_id = $1`, [
          tenant.id,
        ])
      ).rows[0]?.n,
    );

  it('runs them in one transaction, each with its own response, ledger entry and audit record', async () => {
    const { held, batched } = await together(() =>
      Array.from({ length: 30 }, (_, n) =>
        requestPayout(tenant, order(n % 3 ? 'bob' : 'cyn', `${n + 1}.00`), newKey()),
      ),
    );
    expect([...held, ...batched].map(({ status }) => status)).toEqual(Array.from({ length: 32 }, () => 201));
    expect(batched.map(({ body }) => (body as unknown as PayoutJson).amount)).toEqual(
      batched.map((_, n) => `${n + 1}.00`),
    );
    expect(await transactionsOf(batched)).toBe(1);
    expect([
      await count('payouts.payouts'),
      await count(`(SELECT * FROM platform.outbox WHERE name = 'payout.created') events`),
      await count('platform.idempotency_keys'),
    ]).toEqual([33, 33, 33]);
    const { rows: records } = await watch.query<{ request_id: string; entity_id: string }>(
      `SELECT request_id, entity_id FROM platform.audit_log WHERE tenant_id = $1
        AND action = 'payout.created'`,
      [tenant.id],
    );
    for (const { body, headers } of batched)
      expect(records).toContainEqual({
        request_id: headers.get('x-request-id'),
        entity_id: (body as unknown as PayoutJson).id,
      });
    expect((await tenant.verify()).balanced).toBe(true);
  });

  it('rejects each request on its own', async () => {
    const usedKey = newKey();
    const before = await requestPayout(tenant, order('bob', '7.00'), usedKey);
    const { batched } = await together(() => [
      requestPayout(tenant, order('bob'), newKey()),
      requestPayout(tenant, { ...order('bob'), recipient_id: tenant.id }, newKey()),
      requestPayout(tenant, { ...order('bob'), currency: 'JPY' }, newKey()),
      requestPayout(tenant, order('bob', '7.00'), usedKey),
      requestPayout(tenant, order('bob', '8.00'), usedKey),
      requestPayout(tenant, order('cyn'), newKey()),
    ]);
    expect(batched.map(({ status, body }) => [status, (body as { code?: string }).code])).toEqual([
      [201, undefined],
      [404, 'recipient_not_found'],
      [422, 'currency_not_allowed'],
      [200, undefined],
      [422, 'idempotency_key_reused'],
      [201, undefined],
    ]);
    expect(batched[3]?.text).toBe(before.text);
    expect(await transactionsOf([batched[0], batched[5]] as PayoutResponse[])).toBe(1);
    expect(await count('payouts.payouts')).toBe(6);
    expect((await tenant.verify()).balanced).toBe(true);
  });

  it('does not delay other requests for one whose key is locked by another transaction', async () => {
    const taken = newKey();
    const other = new Client({ connectionString: world.urls.admin });
    await other.connect();
    await other.query('BEGIN');
    await other.query(
      `INSERT INTO platform.idempotency_keys (tenant_id, key, fingerprint)
        VALUES ($1, $2, decode(repeat('00', 32), 'hex'))`,
      [tenant.id, taken],
    );
    let atFault: Promise<PayoutResponse> | undefined;
    let isSettled = false;
    const { batched } = await together(
      () => {
        const innocent = () => requestPayout(tenant, order('bob'), newKey());
        const before = [innocent(), innocent()];
        atFault = requestPayout(tenant, order('cyn'), taken).finally(() => (isSettled = true));
        return [...before, innocent()];
      },
      async () => undefined,
      1,
    );
    expect([batched.map(({ status }) => status), isSettled]).toEqual([[201, 201, 201], false]);
    expect(await atFault).toMatchObject({ status: 409, body: { code: 'idempotency_key_in_use' } });
    await other.query('ROLLBACK');
    await other.end();
    expect(await count('payouts.payouts')).toBe(6);
    expect((await tenant.verify()).balanced).toBe(true);
  });

  it('does not block the queue with two batches that wait for a lock', async () => {
    await admin.query('BEGIN');
    await admin.query(`SELECT FROM ledger.accounts WHERE tenant_id = $1 AND owner = $2 FOR UPDATE`, [
      tenant.id,
      idOf('ann'),
    ]);
    let stillWait = 2;
    const held: Promise<PayoutResponse>[] = [];
    for (const nth of [1, 2]) {
      held.push(requestPayout(tenant, order('ann'), newKey()).finally(() => (stillWait -= 1)));
      await until('it waits, in a batch of its own', async () => (await waiting()) === nth);
    }
    const free = await Promise.all(
      Array.from({ length: 5 }, () => requestPayout(tenant, order('bob'), newKey())),
    );
    expect([free.map(({ status }) => status), stillWait]).toEqual([[201, 201, 201, 201, 201], 2]);
    await admin.query('COMMIT');
    expect((await Promise.all(held)).map(({ status }) => status)).toEqual([201, 201]);
  });

  it('does not share a settings read with a transaction whose access epoch is outdated', async () => {
    for (let round = 0; round < 5; round++) {
      const fresh = await world.tenant();
      const bob = (await fresh.recipients(['bob'])).get('bob') as string;
      const { secret } = await fresh.must<{ secret: string }>('POST', '/api-keys', {
        name: 'other',
        scopes: ['payouts:write', 'payouts:read'],
      });
      const other = Object.assign(Object.create(fresh) as TestTenant, { apiKey: secret });
      await fresh.must('GET', '/payouts?limit=1');
      // As another process would: this process has the first key cached under the old epoch, and the second
      // under the new one.
      await watch.query(
        `INSERT INTO platform.access_epochs (tenant_id, epoch) VALUES ($1, 1) ON CONFLICT (tenant_id)
          DO UPDATE SET epoch = access_epochs.epoch + 1`,
        [fresh.id],
      );
      await other.must('GET', '/payouts?limit=1');
      const wanted = { recipient_id: bob, amount: '2.00', currency: 'USD' };
      expect(
        (
          await Promise.all([requestPayout(fresh, wanted, newKey()), requestPayout(other, wanted, newKey())])
        ).map(({ status }) => status),
      ).toEqual([201, 201]);
    }
  });

  it('authenticates waiting requests again after a change of access', async () => {
    const { id, secret } = await tenant.must<{ id: string; secret: string }>('POST', '/api-keys', {
      name: 'leaving',
      scopes: ['payouts:write'],
    });
    const leaving = Object.assign(Object.create(tenant) as TestTenant, { apiKey: secret });
    const { batched } = await together(
      () => [
        requestPayout(tenant, order('bob'), newKey()),
        requestPayout(leaving, order('bob'), newKey()),
        requestPayout(tenant, order('cyn'), newKey()),
        requestPayout(leaving, order('cyn'), newKey()),
      ],
      () => tenant.must('DELETE', `/api-keys/${id}`),
    );
    expect(batched.map(({ status }) => status)).toEqual([201, 401, 201, 401]);
    expect(await count('payouts.payouts')).toBe(5);
  });

  it('creates each payout once when the connection of the batch is cut', async () => {
    const cut = () =>
      watch.query(
        `SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = current_database()
          AND wait_event_type = 'Lock'`,
      );
    const { held, batched } = await together(
      () => Array.from({ length: 6 }, () => requestPayout(tenant, order('ann'), newKey())),
      async () => {
        await cut();
        await until('the six wait in one transaction', async () => (await waiting()) === 1);
        await cut();
        await until('they wait in single transactions', async () => (await waiting()) > 1);
      },
    );
    expect(held.map(({ status }) => status)).toEqual([503, 503]);
    expect(batched.map(({ status }) => status)).toEqual(batched.map(() => 201));
    expect([await count('payouts.payouts'), await count('ledger.entries')]).toEqual([7, 7]);
    expect((await tenant.verify()).balanced).toBe(true);
  });
});
