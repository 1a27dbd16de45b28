import { AsyncResource } from 'node:async_hooks';
import { Client } from 'pg';
import { systemActor } from '../../../src/kernel/actor';
import { UnitOfWork } from '../../../src/kernel/tx';
import { ExpandSettlements } from '../../../src/modules/settlements/application/expand-settlements';
import { Tenancy } from '../../../src/modules/tenancy';
import { type ClaimedCall, ClaimTransfers } from '../../../src/modules/transfers/application/claim-transfers';
import { RecordOutcomes } from '../../../src/modules/transfers/application/record-outcomes';
import { TransferRepository } from '../../../src/modules/transfers/application/ports';
import { ExecuteTransfers } from '../../../src/modules/transfers/application/execute-transfers';
import { SweepSchedule } from '../../../src/modules/transfers/infrastructure/jobs/sweep.schedule';
import { TransferWakeUps } from '../../../src/modules/transfers/application/transfer-wake-ups';
import { startApp, type TestApp, type TestTenant, until } from '../../support';
import { railAccountOf } from './support/books';

/** Two programs on one database: what one suspends the other must not pay. */
describe('a suspended tenant', () => {
  let world: TestApp;
  let elsewhere: TestApp;
  let tenant: TestTenant;
  let admin: Client;
  let railAccountId: string;
  let contests = 0;

  beforeAll(async () => {
    world = await startApp({ env: { ROLES: 'api' } });
    elsewhere = await startApp({ env: { ROLES: 'api' }, beside: world });
    admin = new Client({ connectionString: world.urls.admin });
    await admin.connect();
  });
  beforeEach(async () => {
    tenant = await world.tenant();
    railAccountId = (await railAccountOf(tenant)).id;
  });
  afterEach(() => jest.restoreAllMocks());
  afterAll(async () => {
    await admin.end();
    await elsewhere.close();
    await world.close();
  });

  const get = <T>(type: abstract new (...parts: never[]) => T, from = world) =>
    from.app.get<T, T>(type as never, { strict: false });
  const status = (move: 'suspend' | 'reactivate', from = elsewhere) =>
    get(UnitOfWork, from).run(tenant.id, (tx) => get(Tenancy, from)[move](tx, 'a test', systemActor('test')));
  const expand = () => get(ExpandSettlements).execute({ tenant: tenant.id });
  const states = async () =>
    (
      await admin.query<{ state: string }>(
        'SELECT state FROM transfers.transfers WHERE tenant_id = $1 ORDER BY created_at, id',
        [tenant.id],
      )
    ).rows.map(({ state }) => state);
  const effects = async () =>
    (await world.simulator.allEffects()).filter((effect) => effect.metadata['disburse_tenant'] === tenant.id)
      .length;
  const work = () => get(ExecuteTransfers).execute(tenant.id, railAccountId);
  const send = async (call: ClaimedCall) => (await get(ExecuteTransfers).send(call)).outcome;
  const record = (call: ClaimedCall, outcome: Awaited<ReturnType<typeof send>>) =>
    get(RecordOutcomes).execute(tenant.id, [{ call, outcome }]);

  async function recorded(winners: number): Promise<string> {
    const names = Array.from({ length: winners }, (_, i) => `winner-${++contests}-${i}`);
    await tenant.recipients(names);
    return (await tenant.settle(`contest-${contests}`, Object.fromEntries(names.map((name) => [name, 20]))))
      .id;
  }

  async function claim(limit: number): Promise<ClaimedCall[]> {
    const claimed = await get(ClaimTransfers).execute(tenant.id, railAccountId, limit);
    return claimed === 'nothing_due' ? [] : claimed;
  }

  async function makeDue(): Promise<void> {
    await admin.query(
      `UPDATE transfers.transfers SET due_at = now(), lease_until = CASE WHEN lease_until IS NOT NULL
        THEN now() END WHERE tenant_id = $1 AND due_at IS NOT NULL`,
      [tenant.id],
    );
  }

  async function sweep() {
    const woken = jest.spyOn(get(TransferWakeUps), 'wake').mockReturnValue(undefined);
    const summary = await get(SweepSchedule).run({ tenant: tenant.id });
    return { summary, woken: woken.mock.calls.length };
  }

  it('has no settlement expanded, under a named skip reason, until it is reactivated', async () => {
    const ids = [await recorded(2), await recorded(1)];
    await status('suspend');
    expect(await expand()).toEqual({
      found: 2,
      done: 0,
      failed: 0,
      skipped: [{ reason: 'tenant_suspended', count: 2 }],
    });
    expect(await states()).toEqual([]);
    await status('reactivate');
    expect(await expand()).toEqual({ found: 2, done: 2, failed: 0, skipped: [] });
    expect(await work()).toBe(false);
    for (const id of ids)
      expect((await tenant.transfersOf(id)).every((transfer) => transfer.status === 'completed')).toBe(true);
    expect(await tenant.verify()).toMatchObject({ balanced: true });
  });

  it('is not expanded further between two chunks', async () => {
    const big = await startApp({ env: { ROLES: 'api', EXPAND_CHUNK: '2' }, beside: world });
    try {
      await recorded(5);
      const expanding = get(ExpandSettlements, big);
      const step = (
        expanding as unknown as { expandSettlement: { execute: (...of: unknown[]) => Promise<string> } }
      ).expandSettlement;
      const real = step.execute.bind(step);
      let steps = 0;
      jest.spyOn(step, 'execute').mockImplementation(async (...of) => {
        if (++steps === 2) await status('suspend');
        return real(...of);
      });
      expect(await expanding.execute({ tenant: tenant.id })).toMatchObject({
        done: 0,
        skipped: [{ reason: 'tenant_suspended', count: 1 }],
      });
      expect(await states()).toHaveLength(2);
      await status('reactivate');
      expect(await expanding.execute({ tenant: tenant.id })).toMatchObject({ found: 1, done: 1 });
      expect(await states()).toHaveLength(5);
    } finally {
      await big.close();
    }
  });

  it('has no unsent transfer claimed, and is not woken by the sweep', async () => {
    await recorded(3);
    await expand();
    await world.simulator.scriptFaults({ kind: 'rate_limited', match: { method: 'POST' } });
    const [refused] = await claim(1);
    await record(refused as ClaimedCall, await send(refused as ClaimedCall));
    expect((await states()).sort()).toEqual(['pending', 'pending', 'retryable']);
    await makeDue();
    await status('suspend');
    const before = (await world.simulator.stats()).calls;
    expect(await work()).toBe(false);
    expect(await sweep()).toEqual({
      summary: { found: 1, done: 0, failed: 0, skipped: [{ reason: 'tenant_suspended', count: 1 }] },
      woken: 0,
    });
    expect((await world.simulator.stats()).calls).toBe(before);
    await status('reactivate');
    expect(await sweep()).toMatchObject({ summary: { found: 1, done: 1, skipped: [] }, woken: 1 });
    await work();
    expect([await states(), await effects()]).toEqual([['completed', 'completed', 'completed'], 3]);
  });

  it('has calls that were claimed before sent and recorded', async () => {
    await recorded(2);
    await expand();
    const [call] = await claim(1);
    await status('suspend');
    await record(call as ClaimedCall, await send(call as ClaimedCall));
    expect((await states()).sort()).toEqual(['completed', 'pending']);
    expect(await work()).toBe(false);
    expect(await effects()).toBe(1);
  });

  it('has an ambiguous call settled under the same key, and no other call sent', async () => {
    await recorded(2);
    await expand();
    await world.simulator.scriptFaults({ kind: 'lose_request', match: { method: 'POST' } });
    const [lost] = await claim(1);
    await record(lost as ClaimedCall, await send(lost as ClaimedCall));
    const [silent] = await claim(1);
    expect((await states()).sort()).toEqual(['processing', 'unknown']);
    await status('suspend');
    await makeDue();
    expect((await sweep()).woken).toBe(1);
    await work();
    expect(await states()).toEqual(['completed', 'completed']);
    const { rows } = await admin.query<{ key: string; n: bigint }>(
      'SELECT key, count(*) AS n FROM transfers.attempts WHERE tenant_id = $1 GROUP BY key',
      [tenant.id],
    );
    expect(rows.map(({ n }) => Number(n))).toEqual([2, 2]);
    expect(silent).toBeDefined();
    expect(await effects()).toBe(2);
  });

  it('is suspended only after a running claim has committed', async () => {
    await recorded(1);
    await expand();
    const transfers = get(TransferRepository);
    const lockDue = transfers.lockDue.bind(transfers);
    let suspended: Promise<void> | undefined;
    jest.spyOn(transfers, 'lockDue').mockImplementationOnce(async (...of) => {
      const due = await lockDue(...of);
      suspended = outside(() => status('suspend'));
      await outside(() =>
        until('the suspension waits for the claim', async () => (await admin.query(WAITING)).rows.length > 0),
      );
      return due;
    });
    expect(await claim(1)).toHaveLength(1);
    await suspended;
    expect(await states()).toEqual(['processing']);
    expect(await claim(1)).toEqual([]);
  });
});

/** A unit of work of its own, though it starts while another one is open. */
const outside = AsyncResource.bind(<T>(work: () => Promise<T>) => work());
const WAITING = `SELECT 1 FROM pg_stat_activity WHERE datname = current_database()
  AND wait_event_type = 'Lock'`;
