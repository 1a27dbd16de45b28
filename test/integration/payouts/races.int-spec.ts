import { Client } from 'pg';
import { UnitOfWork } from '../../../src/kernel/tx';
import { OnPayoutCreated } from '../../../src/modules/payouts/application/on-payout-created';
import { startApp, type TestApp, type TestTenant, until } from '../../support';
import { become, pay, shown, storyOf } from './support/payouts';

/**
 * Several at once about one payout, held at its row until all of them wait there. The relay does not run: the
 * test is the worker.
 */
describe('Two at once about a payout', () => {
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

  /** Answers how often the transaction was tried. */
  const work = async (...ids: string[]) => {
    const [uow, reaction] = [
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
      return reaction.handle(tx, events);
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
        'it waits at the row',
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

  it('five workers: one transfer, one step', async () => {
    const { id } = await pay(tenant, ann, '5.00');
    await atOnce(id, ...Array.from({ length: 5 }, () => () => work(id)));
    expect(await transfers(id)).toBe(1);
    expect(await storyOf(tenant, id)).toMatchObject([{ to: 'NEW' }, { to: 'PROCESSING' }]);
    expect((await tenant.verify()).balanced).toBe(true);
  });

  it('a person who cancels, then a worker: nothing is sent', async () => {
    const { id } = await pay(tenant, ann, '5.00');
    await atOnce(
      id,
      () => tenant.must('DELETE', `/payouts/${id}`),
      () => work(id),
    );
    expect(await shown(tenant, id)).toMatchObject({ status: 'CANCELLED', transfer_id: null });
    expect(await transfers(id)).toBe(0);
    expect((await tenant.verify()).balanced).toBe(true);
  });

  it('a worker, then a person who cancels: refused with both states', async () => {
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

  it('a worker, then a person who fails it: the person is told that its transfer decides now', async () => {
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

  it('a person who starts it by hand, then a worker: one transfer', async () => {
    const { id } = await pay(tenant, ann, '5.00');
    await atOnce(
      id,
      () => tenant.must('PATCH', `/payouts/${id}`, { status: 'PROCESSING' }),
      () => work(id),
    );
    await become(tenant, id, 'PROCESSING');
    expect(await transfers(id)).toBe(1);
  });

  it('two workers whose lists have the same recipients on crossed rails: neither is tried twice', async () => {
    const two = await tenant.recipients(['yan', 'zoe']);
    const [yan, zoe] = [two.get('yan') as string, two.get('zoe') as string];
    const list = async (manual: string, stripe: string) =>
      [
        await pay(tenant, manual, '5.00', { rail: 'manual' }),
        await pay(tenant, stripe, '5.00', { rail: 'stripe' }),
      ].map(({ id }) => id);
    // The accounts of both rails are there: making one holds up everybody else who needs it.
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
      expect([(await shown(tenant, id)).status, await transfers(id)]).toEqual(['PROCESSING', 1]);
    expect((await tenant.verify()).balanced).toBe(true);
  });
});
