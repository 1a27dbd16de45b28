import { Client } from 'pg';
import { startApp, type TestApp, type TestTenant, until } from '../../support';
import { ask, newKey, pay, type PayoutShown } from './support/payouts';

type Answer = Awaited<ReturnType<typeof ask>>;

/**
 * Requests that come in while others are under way are one transaction. They are made to wait here: whatever
 * is for Ann waits at her account, which the test holds, and two such take both places of the tenant.
 */
describe('Payouts that are asked for at once', () => {
  let world: TestApp;
  let tenant: TestTenant;
  let people: Map<string, string>;
  let admin: Client;
  let watch: Client;
  let heard = 0;

  beforeAll(async () => {
    world = await startApp({ env: { ROLES: 'api' } });
    world.app.getHttpServer().on('request', () => (heard += 1));
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
   * Answers of what was asked for while the tenant's places were taken, and those of the two that took them.
   */
  /** `besides`: how many more are asked than are answered here. */
  async function together(
    asks: () => Promise<Answer>[],
    meanwhile: () => Promise<void> = async () => undefined,
    besides = 0,
  ): Promise<{ held: Answer[]; gathered: Answer[] }> {
    await admin.query('BEGIN');
    await admin.query(`SELECT FROM ledger.accounts WHERE tenant_id = $1 AND owner = $2 FOR UPDATE`, [
      tenant.id,
      idOf('ann'),
    ]);
    const first = ask(tenant, order('ann'), newKey());
    await until('one is under way', async () => (await waiting()) === 1);
    const second = ask(tenant, order('ann'), newKey());
    await until('two are', async () => (await waiting()) === 2);
    const heardBefore = heard;
    const others = asks();
    await until('all are heard', async () => heard === heardBefore + others.length + besides);
    // Takes longer than what they do until they wait in the line.
    await tenant.must('GET', '/payouts?limit=1');
    await meanwhile();
    await admin.query('COMMIT');
    return { held: await Promise.all([first, second]), gathered: await Promise.all(others) };
  }

  const transactionsOf = async (answers: readonly Answer[]) => {
    const references = answers.map(({ body }) => `payout:${(body as unknown as PayoutShown).id}:requested`);
    const { rows } = await watch.query<{ xid: string }>(
      'SELECT xid FROM ledger.entries WHERE tenant_id = $1 AND reference = ANY($2)',
      [tenant.id, references],
    );
    expect(rows).toHaveLength(answers.length);
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

  it('are made in one transaction, each with its own answer, entry and record', async () => {
    const { held, gathered } = await together(() =>
      Array.from({ length: 30 }, (_, n) =>
        ask(tenant, order(n % 3 ? 'bob' : 'cyn', `${n + 1}.00`), newKey()),
      ),
    );
    expect([...held, ...gathered].map(({ status }) => status)).toEqual(Array.from({ length: 32 }, () => 201));
    expect(gathered.map(({ body }) => (body as unknown as PayoutShown).amount)).toEqual(
      gathered.map((_, n) => `${n + 1}.00`),
    );
    expect(await transactionsOf(gathered)).toBe(1);
    expect([
      await count('payouts.payouts'),
      await count(`(SELECT * FROM platform.outbox WHERE name = 'payout.created') told`),
      await count('platform.idempotency_keys'),
    ]).toEqual([33, 33, 33]);
    const { rows: records } = await watch.query<{ request_id: string; entity_id: string }>(
      `SELECT request_id, entity_id FROM platform.audit_log WHERE tenant_id = $1
        AND action = 'payout.created'`,
      [tenant.id],
    );
    for (const { body, headers } of gathered)
      expect(records).toContainEqual({
        request_id: headers.get('x-request-id'),
        entity_id: (body as unknown as PayoutShown).id,
      });
    expect((await tenant.verify()).balanced).toBe(true);
  });

  it('are refused each for itself', async () => {
    const known = newKey();
    const before = await ask(tenant, order('bob', '7.00'), known);
    const { gathered } = await together(() => [
      ask(tenant, order('bob'), newKey()),
      ask(tenant, { ...order('bob'), recipient_id: tenant.id }, newKey()),
      ask(tenant, { ...order('bob'), currency: 'JPY' }, newKey()),
      ask(tenant, order('bob', '7.00'), known),
      ask(tenant, order('bob', '8.00'), known),
      ask(tenant, order('cyn'), newKey()),
    ]);
    expect(gathered.map(({ status, body }) => [status, (body as { code?: string }).code])).toEqual([
      [201, undefined],
      [404, 'recipient_not_found'],
      [422, 'currency_not_allowed'],
      [200, undefined],
      [422, 'idempotency_key_reused'],
      [201, undefined],
    ]);
    expect(gathered[3]?.text).toBe(before.text);
    expect(await transactionsOf([gathered[0], gathered[5]] as Answer[])).toBe(1);
    expect(await count('payouts.payouts')).toBe(6);
    expect((await tenant.verify()).balanced).toBe(true);
  });

  it('do not suffer for one whose key somebody else holds: they hear of theirs while it waits', async () => {
    const taken = newKey();
    const other = new Client({ connectionString: world.urls.admin });
    await other.connect();
    await other.query('BEGIN');
    await other.query(
      `INSERT INTO platform.idempotency_keys (tenant_id, key, fingerprint)
        VALUES ($1, $2, decode(repeat('00', 32), 'hex'))`,
      [tenant.id, taken],
    );
    let atFault: Promise<Answer> | undefined;
    let isTold = false;
    const { gathered } = await together(
      () => {
        const innocent = () => ask(tenant, order('bob'), newKey());
        const before = [innocent(), innocent()];
        atFault = ask(tenant, order('cyn'), taken).finally(() => (isTold = true));
        return [...before, innocent()];
      },
      async () => undefined,
      1,
    );
    expect([gathered.map(({ status }) => status), isTold]).toEqual([[201, 201, 201], false]);
    expect(await atFault).toMatchObject({ status: 409, body: { code: 'idempotency_key_in_use' } });
    await other.query('ROLLBACK');
    await other.end();
    expect(await count('payouts.payouts')).toBe(6);
    expect((await tenant.verify()).balanced).toBe(true);
  });

  it('do not wait behind two that wait for a lock longer than a list may', async () => {
    await admin.query('BEGIN');
    await admin.query(`SELECT FROM ledger.accounts WHERE tenant_id = $1 AND owner = $2 FOR UPDATE`, [
      tenant.id,
      idOf('ann'),
    ]);
    let stillWait = 2;
    const held: Promise<Answer>[] = [];
    for (const nth of [1, 2]) {
      held.push(ask(tenant, order('ann'), newKey()).finally(() => (stillWait -= 1)));
      await until('it waits, in a list of its own', async () => (await waiting()) === nth);
    }
    const free = await Promise.all(Array.from({ length: 5 }, () => ask(tenant, order('bob'), newKey())));
    expect([free.map(({ status }) => status), stillWait]).toEqual([[201, 201, 201, 201, 201], 2]);
    await admin.query('COMMIT');
    expect((await Promise.all(held)).map(({ status }) => status)).toEqual([201, 201]);
  });

  it('do not fail with what somebody read whose access had ended', async () => {
    for (let round = 0; round < 5; round++) {
      const fresh = await world.tenant();
      const bob = (await fresh.recipients(['bob'])).get('bob') as string;
      const { secret } = await fresh.must<{ secret: string }>('POST', '/api-keys', {
        name: 'other',
        scopes: ['payouts:write', 'payouts:read'],
      });
      const other = Object.assign(Object.create(fresh) as TestTenant, { apiKey: secret });
      await fresh.must('GET', '/payouts?limit=1');
      // As another process does: this one still knows the first key under the epoch before, and the second
      // under the new one.
      await watch.query(
        `INSERT INTO platform.access_epochs (tenant_id, epoch) VALUES ($1, 1) ON CONFLICT (tenant_id)
          DO UPDATE SET epoch = access_epochs.epoch + 1`,
        [fresh.id],
      );
      await other.must('GET', '/payouts?limit=1');
      const wanted = { recipient_id: bob, amount: '2.00', currency: 'USD' };
      expect(
        (await Promise.all([ask(fresh, wanted, newKey()), ask(other, wanted, newKey())])).map(
          ({ status }) => status,
        ),
      ).toEqual([201, 201]);
    }
  });

  it('are let in again, or shut out, when access was changed while they waited', async () => {
    const { id, secret } = await tenant.must<{ id: string; secret: string }>('POST', '/api-keys', {
      name: 'leaving',
      scopes: ['payouts:write'],
    });
    const leaving = Object.assign(Object.create(tenant) as TestTenant, { apiKey: secret });
    const { gathered } = await together(
      () => [
        ask(tenant, order('bob'), newKey()),
        ask(leaving, order('bob'), newKey()),
        ask(tenant, order('cyn'), newKey()),
        ask(leaving, order('cyn'), newKey()),
      ],
      () => tenant.must('DELETE', `/api-keys/${id}`),
    );
    expect(gathered.map(({ status }) => status)).toEqual([201, 401, 201, 401]);
    expect(await count('payouts.payouts')).toBe(5);
  });

  it('are made once when the connection of all of them is cut', async () => {
    const cut = () =>
      watch.query(
        `SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = current_database()
          AND wait_event_type = 'Lock'`,
      );
    const { held, gathered } = await together(
      () => Array.from({ length: 6 }, () => ask(tenant, order('ann'), newKey())),
      async () => {
        await cut();
        await until('the six wait as one', async () => (await waiting()) === 1);
        await cut();
        await until('they wait one by one', async () => (await waiting()) > 1);
      },
    );
    expect(held.map(({ status }) => status)).toEqual([503, 503]);
    expect(gathered.map(({ status }) => status)).toEqual(gathered.map(() => 201));
    expect([await count('payouts.payouts'), await count('ledger.entries')]).toEqual([7, 7]);
    expect((await tenant.verify()).balanced).toBe(true);
  });
});
