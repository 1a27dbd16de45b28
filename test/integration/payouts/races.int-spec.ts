import { Client } from 'pg';
import { UnitOfWork } from '../../../src/kernel/tx';
import { OnPayoutCreated } from '../../../src/modules/payouts/application/on-payout-created';
import { startApp, type TestApp, type TestTenant, until } from '../../support';
import { waitForStatus, pay, getPayout, eventsOf } from './support/payouts';

/**
 * Several transactions about one payout. The test locks its row until all of them wait for it. The relay does
 * not run: the test calls the event handler itself.
 */
describe('Concurrent changes of one payout', () => {
  let world: TestApp;
  let tenant: TestTenant;
  let ann: string;
  let admin: Client;
  let watch: Client;

  beforeAll(async () => {
    world = await startApp({ env: { ROLES: 'api' } });
    tenant = await world.tenant();
    ann = (await tenant.recipients(['ann'])).get('ann') as string;
    [admin, watch] = [
      new Client({ connectionString: world.urls.admin }),
      new Client({ connectionString: world.urls.admin }),
    ];
    await Promise.all([admin.connect(), watch.connect()]);
  });
  afterAll(async () => {
    await Promise.all([admin.end(), watch.end()]);
    await world.close();
  });

  /** Returns how many times the transaction was tried. */
  const work = async (...ids: string[]) => {
    const [uow, handler] = [
      world.app.get(UnitOfWork, { strict: false }),
      world.app.get(OnPayoutCreated, { strict: false }),
    ];
    const events = ids.map((id) => ({
      id,
      name: 'payout.created',
      occurredAt: new Date(),
      payload: { payout_id: id, status: 'NEW' as const },
    }));
    let tries = 0;
    await uow.run(tenant.id, (tx) => {
      tries++;
      return handler.handle(tx, events);
    });
    return tries;
  };
  const transfers = async (id: string) =>
    Number(
      (
        await watch.query<{ n: string }>(
          'SELECT count(*) AS n FROM transfers.transfers WHERE origin_id = $1',
          [id],
        )
      ).rows[0]?.n,
    );

  const atOnce = (id: string, ...acts: (() => Promise<unknown>)[]) =>
    heldAt('payouts.payouts WHERE id = $1', id, acts);

  async function heldAt<T>(rows: string, id: string, acts: (() => Promise<T>)[]): Promise<T[]> {
    await admin.query('BEGIN');
    await admin.query(`SELECT FROM ${rows} FOR UPDATE`, [id]);
    const running: Promise<T>[] = [];
    for (const act of acts) {
      running.push(act());
      await until(
        'it waits for the row lock',
        async () =>
          Number(
            (
              await watch.query<{ n: string }>(
                `SELECT count(*) AS n FROM pg_stat_activity WHERE datname = current_database()
                  AND wait_event_type = 'Lock'`,
              )
            ).rows[0]?.n,
          ) === running.length,
      );
    }
    await admin.query('COMMIT');
    return Promise.all(running);
  }

  it('five workers create one transfer and one change of status', async () => {
    const { id } = await pay(tenant, ann, '5.00');
    await atOnce(id, ...Array.from({ length: 5 }, () => () => work(id)));
    expect(await transfers(id)).toBe(1);
    expect(await eventsOf(tenant, id)).toMatchObject([{ to: 'NEW' }, { to: 'PROCESSING' }]);
    expect((await tenant.verify()).balanced).toBe(true);
  });

  it('a worker that comes after a cancellation sends nothing', async () => {
    const { id } = await pay(tenant, ann, '5.00');
    await atOnce(
      id,
      () => tenant.must('DELETE', `/payouts/${id}`),
      () => work(id),
    );
    expect(await getPayout(tenant, id)).toMatchObject({ status: 'CANCELLED', transfer_id: null });
    expect(await transfers(id)).toBe(0);
    expect((await tenant.verify()).balanced).toBe(true);
  });

  it('a cancellation that comes after the worker is rejected with both states', async () => {
    const { id } = await pay(tenant, ann, '5.00');
    let refused: unknown;
    await atOnce(
      id,
      () => work(id),
      async () => (refused = await tenant.call('DELETE', `/payouts/${id}`)),
    );
    expect(refused).toMatchObject({
      status: 409,
      body: {
        code: 'invalid_transition',
        detail: expect.stringContaining('FAILED to stop it while no money can have moved'),
        from: 'PROCESSING',
        to: 'CANCELLED',
      },
    });
    expect(await transfers(id)).toBe(1);
  });

  it('a change to FAILED that comes after the worker is rejected with transfer_decides', async () => {
    const { id } = await pay(tenant, ann, '5.00');
    let refused: unknown;
    await atOnce(
      id,
      () => work(id),
      async () => (refused = await tenant.call('PATCH', `/payouts/${id}`, { status: 'FAILED' })),
    );
    expect(refused).toMatchObject({ status: 409, body: { code: 'transfer_decides' } });
    expect(await tenant.must('PATCH', `/payouts/${id}`, { status: 'FAILED' })).toMatchObject({
      status: 'FAILED',
    });
    expect((await tenant.verify()).balanced).toBe(true);
  });

  it('a worker that comes after an operator started the payout creates no second transfer', async () => {
    const { id } = await pay(tenant, ann, '5.00');
    await atOnce(
      id,
      () => tenant.must('PATCH', `/payouts/${id}`, { status: 'PROCESSING' }),
      () => work(id),
    );
    await waitForStatus(tenant, id, 'PROCESSING');
    expect(await transfers(id)).toBe(1);
  });

  it('two batches with the same recipients on opposite rails do not deadlock', async () => {
    const two = await tenant.recipients(['yan', 'zoe']);
    const [yan, zoe] = [two.get('yan') as string, two.get('zoe') as string];
    const list = async (manual: string, stripe: string) =>
      [
        await pay(tenant, manual, '5.00', { rail: 'manual' }),
        await pay(tenant, stripe, '5.00', { rail: 'stripe' }),
      ].map(({ id }) => id);
    // The accounts of both rails must exist: a transaction that creates one makes the other wait.
    await work(...(await list(ann, ann)));
    const lists = [await list(yan, zoe), await list(zoe, yan)];
    expect(
      await heldAt(
        'ledger.accounts WHERE tenant_id = $1',
        tenant.id,
        lists.map((ids) => () => work(...ids)),
      ),
    ).toEqual([1, 1]);
    for (const id of lists.flat())
      expect([(await getPayout(tenant, id)).status, await transfers(id)]).toEqual(['PROCESSING', 1]);
    expect((await tenant.verify()).balanced).toBe(true);
  });
});
