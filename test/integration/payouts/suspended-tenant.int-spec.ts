import { Client } from 'pg';
import { systemActor } from '../../../src/kernel/actor';
import { UnitOfWork } from '../../../src/kernel/tx';
import { Tenancy } from '../../../src/modules/tenancy';
import { ExecuteTransfers } from '../../../src/modules/transfers/application/execute-transfers';
import { SweepSchedule } from '../../../src/modules/transfers/infrastructure/jobs/sweep.schedule';
import { startApp, type TestApp, type TestTenant, until } from '../../support';
import { booksOf, railAccountOf } from '../transfers/support/books';
import { requestPayout, waitForStatus, newKey, pay, eventsOf } from './support/payouts';

/** One process serves the API and another runs the workers, so that a tenant can be suspended in between. */
describe('Payouts of a suspended tenant', () => {
  let api: TestApp;
  let worker: TestApp;
  let admin: Client;

  beforeAll(async () => {
    api = await startApp({ env: { ROLES: 'api' } });
    admin = new Client({ connectionString: api.urls.admin });
    await admin.connect();
  });
  afterEach(async () => worker.close());
  afterAll(async () => {
    await admin.end();
    await api.close();
  });

  const work = async () =>
    (worker = await startApp({ beside: api, env: { ROLES: 'worker', TRANSFER_SWEEP_EVERY_MS: '200' } }));
  const get = <T>(type: abstract new (...parts: never[]) => T, from = api) =>
    from.app.get<T, T>(type as never, { strict: false });
  const move = (tenant: TestTenant, to: 'suspend' | 'reactivate') =>
    get(UnitOfWork).run(tenant.id, (tx) => get(Tenancy)[to](tx, 'a test', systemActor('test')));
  const rows = async <T>(text: string, tenant: TestTenant) =>
    (await admin.query(text, [tenant.id])).rows as T[];
  const statesOf = async (tenant: TestTenant) =>
    (
      await rows<{ payout: string; transfer: string | null }>(
        `SELECT p.state AS payout, t.state AS transfer FROM payouts.payouts p
          LEFT JOIN transfers.transfers t ON t.id = p.transfer_id WHERE p.tenant_id = $1 ORDER BY p.id`,
        tenant,
      )
    ).map(({ payout, transfer }) => `${payout} ${transfer}`);
  const stored = async (tenant: TestTenant) =>
    (
      await rows<{ stored: string }>(
        `SELECT (SELECT count(*) FROM payouts.payouts WHERE tenant_id = $1) || ' ' || (SELECT count(*)
          FROM ledger.entries WHERE tenant_id = $1) AS stored`,
        tenant,
      )
    )[0]?.stored;
  const effects = async (tenant: TestTenant) =>
    (await api.simulator.allEffects()).filter(({ metadata }) => metadata['disburse_tenant'] === tenant.id)
      .length;

  it('wait, in any status, while other tenants are paid, and are paid once after reactivation', async () => {
    const tenant = await api.tenant();
    const other = await api.tenant();
    const [ann, bob] = [
      (await tenant.recipients(['ann'])).get('ann') as string,
      (await other.recipients(['bob'])).get('bob') as string,
    ];
    const { id: railAccountId } = await railAccountOf(tenant);
    const [begun, waiting] = [await pay(tenant, ann, '10.00'), await pay(tenant, ann, '20.00')];
    await tenant.must('PATCH', `/payouts/${begun.id}`, { status: 'PROCESSING' });
    expect(await statesOf(tenant)).toEqual(['PROCESSING pending', 'NEW null']);

    await move(tenant, 'suspend');
    await work();
    await waitForStatus(other, (await pay(other, bob, '1.00')).id, 'COMPLETED');
    await until('both are dispatched', async () =>
      (await statesOf(tenant)).every((state) => state === 'PROCESSING pending'),
    );
    expect(await get(SweepSchedule, worker).run({ tenant: tenant.id })).toEqual({
      found: 1,
      done: 0,
      failed: 0,
      skipped: [{ reason: 'tenant_suspended', count: 1 }],
    });
    expect(await get(ExecuteTransfers, worker).execute(tenant.id, railAccountId)).toBe(false);
    expect([await statesOf(tenant), await effects(tenant)]).toEqual([
      ['PROCESSING pending', 'PROCESSING pending'],
      0,
    ]);

    await move(tenant, 'reactivate');
    for (const { id } of [begun, waiting]) {
      await waitForStatus(tenant, id, 'COMPLETED');
      expect((await eventsOf(tenant, id)).map(({ to }) => to)).toEqual(['NEW', 'PROCESSING', 'COMPLETED']);
    }
    expect(await effects(tenant)).toBe(2);
    expect(await booksOf(tenant, ann)).toEqual({ funding: '-30.00', external: '30.00' });
    expect(await tenant.verify()).toMatchObject({ balanced: true });
  });

  it('are rejected, also by a process with the key in its cache; after reactivation the same keys work', async () => {
    await work();
    const tenant = await api.tenant();
    const ann = (await tenant.recipients(['ann'])).get('ann') as string;
    await waitForStatus(tenant, (await pay(tenant, ann, '1.00')).id, 'COMPLETED');
    const order = { recipient_id: ann, amount: '2.00', currency: 'USD' };
    const [one, many] = [newKey(), newKey()];
    const create = async () => [
      (await requestPayout(tenant, order, one)).status,
      (await tenant.call('POST', '/payouts/batch', { payouts: [order, order] }, { 'Idempotency-Key': many }))
        .status,
    ];
    const before = await stored(tenant);
    await move(tenant, 'suspend');
    expect(await requestPayout(tenant, order, one)).toMatchObject({
      status: 403,
      body: { code: 'tenant_suspended' },
    });
    expect(await create()).toEqual([403, 403]);
    expect(await stored(tenant)).toBe(before);
    await move(tenant, 'reactivate');
    expect(await create()).toEqual([201, 201]);
    await until(
      'all are paid',
      async () => (await statesOf(tenant)).join() === Array(4).fill('COMPLETED completed').join(),
    );
    expect([await effects(tenant), await booksOf(tenant, ann)]).toEqual([
      4,
      { funding: '-7.00', external: '7.00' },
    ]);
    expect(await tenant.verify()).toMatchObject({ balanced: true });
  });
});
