import { systemActor } from '../../../src/kernel/actor';
import { AsyncResource } from 'node:async_hooks';
import { Connections, RailAccountMissing } from '../../../src/modules/connections';
import { RailWorld } from './support/rail-world';

describe('pausing a rail account', () => {
  let world: RailWorld;

  beforeAll(async () => {
    world = await RailWorld.start();
  });
  afterAll(() => world.close());

  const post = (caller: Parameters<RailWorld['send']>[0], id: string, what: string, reason: unknown) =>
    world.send(caller, {
      method: 'POST',
      url: `/api/v1/operations/rail-accounts/${id}/${what}`,
      payload: { reason },
    });

  it('keeps the first reason, and every change with who made it', async () => {
    const tenant = await world.connected();
    expect((await post(tenant, tenant.railAccountId, 'pause', 'wrong amounts')).json()).toMatchObject({
      status: 'paused',
      paused_reason: 'wrong amounts',
    });
    expect((await post(tenant, tenant.railAccountId, 'pause', 'again')).json()).toMatchObject({
      paused_reason: 'wrong amounts',
    });
    expect((await post(tenant, tenant.railAccountId, 'resume', 'checked')).json()).toMatchObject({
      status: 'active',
      paused_reason: null,
    });
    const changes = await world.rows<Record<string, string>>(
      tenant.tenant,
      'SELECT kind, reason, actor FROM connections.rail_account_changes ORDER BY changed_at',
    );
    expect(changes.slice(1)).toEqual([
      { kind: 'paused', reason: 'wrong amounts', actor: expect.stringMatching(/^api_key:/) },
      { kind: 'resumed', reason: 'checked', actor: expect.stringMatching(/^api_key:/) },
    ]);
  });

  it('is one change when two operators pause at once: the second waits and finds it paused', async () => {
    const tenant = await world.connected();
    const connections = world.app.get(Connections, { strict: false });
    const pause = (reason: string, then: () => Promise<void> = async () => undefined) =>
      world.db.uow.run(tenant.tenant, async (tx) => {
        const account = await connections.pause(tx, tenant.railAccountId, reason, systemActor('a test'));
        await then();
        return account.pausedReason;
      });
    let second: Promise<string | null> | undefined;
    const first = await pause('first', async () => {
      second = outside(() => pause('second'));
      await somebodyWaitsForALock(world);
    });
    expect([first, await second]).toEqual(['first', 'first']);
    expect(
      await world.rows(
        tenant.tenant,
        `SELECT reason FROM connections.rail_account_changes WHERE kind = 'paused'`,
      ),
    ).toEqual([{ reason: 'first' }]);
  });

  it("does not reach another tenant's account, and needs a reason and the scope", async () => {
    const [tenant, other] = [await world.connected(), await world.connected()];
    for (const id of [other.railAccountId, '0198b0f2-7c1e-7b3a-9d55-2f6f0b1c4e10', 'x'])
      expect((await post(tenant, id, 'pause', 'mine?')).statusCode).toBe(404);
    for (const reason of ['', '   ', 7, null, 'a\u0000b', 'x'.repeat(501)])
      expect((await post(tenant, tenant.railAccountId, 'pause', reason)).statusCode).toBeGreaterThanOrEqual(
        400,
      );
    const reader = await world.caller(['*:read']);
    expect((await post(reader, tenant.railAccountId, 'pause', 'no')).json()).toMatchObject({
      status: 403,
      code: 'insufficient_scope',
    });
    expect((await world.send(other, { url: '/api/v1/connections/rail-accounts' })).json()).toMatchObject({
      results: [{ status: 'active' }],
    });
  });

  it('has an account for the manual rail without connecting one, the same for everybody who asks at once', async () => {
    const { tenant } = await world.caller();
    const connections = world.app.get(Connections, { strict: false });
    const asked = await Promise.all(
      [1, 2, 3].map(() => world.db.uow.run(tenant, (tx) => connections.railAccountFor(tx, 'manual'))),
    );
    expect(new Set(asked.map((account) => account.id)).size).toBe(1);
    await expect(
      world.db.uow.run(tenant, (tx) => connections.railAccountFor(tx, 'stripe')),
    ).rejects.toBeInstanceOf(RailAccountMissing);
  });

  it('leaves a history that nobody can change', async () => {
    const tenant = await world.connected();
    for (const table of ['rail_account_changes', 'provider_events', 'funding_facts']) {
      await expect(world.rows(tenant.tenant, `DELETE FROM connections.${table}`)).rejects.toThrow(
        'permission denied',
      );
      await expect(
        world.rows(tenant.tenant, `UPDATE connections.${table} SET tenant_id = tenant_id`),
      ).rejects.toThrow('permission denied');
    }
  });
});

/** A unit of work of its own, though it starts while another one is open. */
const outside = AsyncResource.bind(<T>(work: () => Promise<T>) => work());

async function somebodyWaitsForALock(world: RailWorld): Promise<void> {
  const waiting = `SELECT 1 FROM pg_stat_activity WHERE datname = current_database()
    AND wait_event_type = 'Lock'`;
  while ((await outside(() => world.db.app.query<unknown[]>(waiting))).length === 0);
}
