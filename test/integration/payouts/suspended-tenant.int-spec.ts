import { Client } from 'pg';
import { systemActor } from '../../../src/kernel/actor';
import { UnitOfWork } from '../../../src/kernel/tx';
import { Tenancy } from '../../../src/modules/tenancy';
import { ExecuteTransfers } from '../../../src/modules/transfers/application/execute-transfers';
import { SweepSchedule } from '../../../src/modules/transfers/infrastructure/jobs/sweep.schedule';
import { startApp, type TestApp, type TestTenant, until } from '../../support';
import { booksOf, railAccountOf } from '../transfers/support/books';
import { ask, become, newKey, pay, storyOf } from './support/payouts';

/**
 * One program takes requests and another works, so that what is asked for can be suspended before anybody
 * works on it.
 */
describe('payouts of a suspended tenant', () => {
  let asked: TestApp;
  let working: TestApp;
  let admin: Client;

  beforeAll(async () => {
    asked = await startApp({ env: { ROLES: 'api' } });
    admin = new Client({ connectionString: asked.urls.admin });
    await admin.connect();
  });
  afterEach(async () => working.close());
  afterAll(async () => {
    await admin.end();
    await asked.close();
  });

  const work = async () =>
    (working = await startApp({ beside: asked, env: { ROLES: 'worker', TRANSFER_SWEEP_EVERY_MS: '200' } }));
  const get = <T>(type: abstract new (...parts: never[]) => T, from = asked) =>
    from.app.get<T, T>(type as never, { strict: false });
  const move = (tenant: TestTenant, to: 'suspend' | 'reactivate') =>
    get(UnitOfWork).run(tenant.id, (tx) => get(Tenancy)[to](tx, 'a test', systemActor('test')));
  const rows = async <T>(text: string, tenant: TestTenant) =>
    (await admin.query(text, [tenant.id])).rows as T[];
  const statesOf = async (tenant: TestTenant) =>
    (
      await rows<{ payout: string; transfer: string | null }>(
        'SELECT p.state AS payout, t.state AS transfer FROM payouts.payouts p LEFT JOIN transfers.transfers t ON t.id = p.transfer_id WHERE p.tenant_id = $1 ORDER BY p.id',
        tenant,
      )
    ).map(({ payout, transfer }) => `${payout} ${transfer}`);
  const kept = async (tenant: TestTenant) =>
    (
      await rows<{ kept: string }>(
        `SELECT (SELECT count(*) FROM payouts.payouts WHERE tenant_id = $1) || ' ' || (SELECT count(*)
          FROM ledger.entries WHERE tenant_id = $1) AS kept`,
        tenant,
      )
    )[0]?.kept;
  const effects = async (tenant: TestTenant) =>
    (await asked.simulator.allEffects()).filter(({ metadata }) => metadata['disburse_tenant'] === tenant.id)
      .length;

  it('wait, begun or not, while those of others are paid, and are paid once when it is active again', async () => {
    const tenant = await asked.tenant();
    const other = await asked.tenant();
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
    await become(other, (await pay(other, bob, '1.00')).id, 'COMPLETED');
    await until('both are begun', async () =>
      (await statesOf(tenant)).every((state) => state === 'PROCESSING pending'),
    );
    expect(await get(SweepSchedule, working).run({ tenant: tenant.id })).toEqual({
      found: 1,
      done: 0,
      failed: 0,
      skipped: [{ reason: 'tenant_suspended', count: 1 }],
    });
    expect(await get(ExecuteTransfers, working).execute(tenant.id, railAccountId)).toBe(false);
    expect([await statesOf(tenant), await effects(tenant)]).toEqual([
      ['PROCESSING pending', 'PROCESSING pending'],
      0,
    ]);

    await move(tenant, 'reactivate');
    for (const { id } of [begun, waiting]) {
      await become(tenant, id, 'COMPLETED');
      expect((await storyOf(tenant, id)).map(({ to }) => to)).toEqual(['NEW', 'PROCESSING', 'COMPLETED']);
    }
    expect(await effects(tenant)).toBe(2);
    expect(await booksOf(tenant, ann)).toEqual({ funding: '-30.00', external: '30.00' });
    expect(await tenant.verify()).toMatchObject({ balanced: true });
  });

  it('are not made, one by one or many at once, also by a process that knew the key; and are afterwards, under the same keys', async () => {
    await work();
    const tenant = await asked.tenant();
    const ann = (await tenant.recipients(['ann'])).get('ann') as string;
    await become(tenant, (await pay(tenant, ann, '1.00')).id, 'COMPLETED');
    const order = { recipient_id: ann, amount: '2.00', currency: 'USD' };
    const [one, many] = [newKey(), newKey()];
    const create = async () => [
      (await ask(tenant, order, one)).status,
      (await tenant.call('POST', '/payouts/batch', { payouts: [order, order] }, { 'Idempotency-Key': many }))
        .status,
    ];
    const before = await kept(tenant);
    await move(tenant, 'suspend');
    expect(await ask(tenant, order, one)).toMatchObject({ status: 403, body: { code: 'tenant_suspended' } });
    expect(await create()).toEqual([403, 403]);
    expect(await kept(tenant)).toBe(before);
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
