import { RailAccountUnknown, StripeClients } from '../../../src/modules/connections';
import { RailWorld } from './support/rail-world';

describe('connecting a Stripe account', () => {
  let world: RailWorld;

  beforeAll(async () => {
    world = await RailWorld.start();
  });
  afterAll(() => world.close());

  const put = (caller: Parameters<RailWorld['send']>[0], secretKey: unknown) =>
    world.send(caller, {
      method: 'PUT',
      url: '/api/v1/connections/stripe',
      payload: { secret_key: secretKey },
    });

  it('asks Stripe whose key it is, answers the account and never the key', async () => {
    const tenant = await world.connected();
    const listed = await world.send(tenant, { url: '/api/v1/connections/rail-accounts' });
    expect(listed.json()).toEqual({
      results: [
        {
          id: tenant.railAccountId,
          rail: 'stripe',
          provider_account_id: tenant.accountId,
          mode: 'test',
          status: 'active',
          paused_reason: null,
        },
      ],
      next: null,
      previous: null,
    });
    expect(listed.body).not.toContain(tenant.secretKey);
    const [stored] = await world.rows<{ secret_key: string }>(
      tenant.tenant,
      'SELECT secret_key FROM connections.rail_accounts',
    );
    expect(stored?.secret_key).not.toContain('sk_test');
    expect(world.logged.join()).not.toContain(tenant.secretKey);
  });

  it('belongs to one tenant: a second one is refused without hearing who has it', async () => {
    const first = await world.connected();
    const second = await world.caller();
    const answer = await put(second, first.secretKey);
    expect(answer.statusCode).toBe(409);
    expect(answer.json()).toMatchObject({ code: 'provider_account_taken' });
    expect(answer.body).not.toContain(first.tenant);
    expect((await world.send(second, { url: '/api/v1/connections/rail-accounts' })).json()).toEqual({
      results: [],
      next: null,
      previous: null,
    });
  });

  it('is taken by exactly one of two tenants that ask at the same moment', async () => {
    const [a, b] = await Promise.all([world.caller(), world.caller()]);
    await world.stripe.registerPlatform({ secret_key: 'sk_test_sim_contested' });
    const answers = await Promise.all([put(a, 'sk_test_sim_contested'), put(b, 'sk_test_sim_contested')]);
    expect(answers.map((answer) => answer.statusCode).sort()).toEqual([200, 409]);
  });

  it('takes a new key of the same account in place of the old one, and none of another account', async () => {
    const tenant = await world.connected({ usd: 500 });
    await world.stripe.registerPlatform({ secret_key: 'sk_test_sim_rolled', account_id: tenant.accountId });
    for (const _again of [1, 2])
      expect((await put(tenant, 'sk_test_sim_rolled')).json()).toMatchObject({ id: tenant.railAccountId });
    await world.stripe.setKeyState(tenant.secretKey, 'revoked');
    expect(await world.runJob('funding-poll', tenant.tenant)).toMatchObject({ done: 1, failed: 0 });
    const changes = await world.rows<{ kind: string }>(
      tenant.tenant,
      'SELECT kind FROM connections.rail_account_changes ORDER BY changed_at',
    );
    expect(changes.map((change) => change.kind)).toEqual(['connected', 'key_replaced']);
    await world.stripe.registerPlatform({ secret_key: 'sk_test_sim_elsewhere' });
    expect((await put(tenant, 'sk_test_sim_elsewhere')).json()).toMatchObject({
      status: 409,
      code: 'rail_account_exists',
    });
  });

  it('refuses a key that Stripe refuses and keeps nothing of it', async () => {
    const caller = await world.caller();
    expect((await put(caller, 'sk_test_sim_nobody')).json()).toMatchObject({
      status: 422,
      code: 'provider_key_refused',
    });
    for (const wrong of ['pk_test_abc', 'sk_test_', 17, null, ['sk_test_sim_a']]) {
      expect((await put(caller, wrong)).json()).toMatchObject({ status: 422, code: 'validation_failed' });
    }
    expect(await world.rows(caller.tenant, 'SELECT 1 FROM connections.rail_accounts')).toEqual([]);
  });

  it.each([
    'lose_request',
    'hang_before_effect',
    'empty_200',
    'broken_json',
    'redirect_302',
    'huge_body',
  ] as const)('says 503 when Stripe fails by %s', async (kind) => {
    const caller = await world.caller();
    const secretKey = `sk_test_sim_${kind}`;
    await world.stripe.registerPlatform({ secret_key: secretKey });
    await world.stripe.scriptFaults({ kind, match: { path: '/v1/account' } });
    expect((await put(caller, secretKey)).json()).toMatchObject({
      status: 503,
      code: 'provider_unreachable',
    });
    expect(await world.rows(caller.tenant, 'SELECT 1 FROM connections.rail_accounts')).toEqual([]);
  });

  it('refuses a call of Stripe inside a database transaction', async () => {
    const tenant = await world.connected();
    const clients = world.app.get(StripeClients, { strict: false });
    const client = await clients.for(tenant.tenant, tenant.railAccountId);
    const inside = world.db.uow.run(tenant.tenant, () => client.balance.retrieve());
    await expect(inside).rejects.toMatchObject({
      detail: { message: 'Stripe must not be called inside a database transaction' },
    });
    await expect(
      world.db.uow.run(tenant.tenant, () => clients.for(tenant.tenant, tenant.railAccountId)),
    ).rejects.toThrow('must not be called inside');
  });

  it("never gives one tenant the client of another's account", async () => {
    const [a, b] = [await world.connected(), await world.connected()];
    const clients = world.app.get(StripeClients, { strict: false });
    await expect(clients.for(a.tenant, b.railAccountId)).rejects.toBeInstanceOf(RailAccountUnknown);
    const own = await (await clients.for(a.tenant, a.railAccountId)).accounts.retrieveCurrent();
    expect(own.id).toBe(a.accountId);
  });

  it('does not open a secret that was moved to another row', async () => {
    const [a, b] = [await world.connected(), await world.connected()];
    const [stolen] = await world.rows<{ secret_key: string }>(
      a.tenant,
      'SELECT secret_key FROM connections.rail_accounts',
    );
    await world.rows(b.tenant, 'UPDATE connections.rail_accounts SET secret_key = $1', [stolen?.secret_key]);
    expect(await world.runJob('funding-poll', b.tenant)).toMatchObject({ done: 0, failed: 1 });
    expect((await put(b, b.secretKey)).statusCode).toBe(200);
    expect(await world.runJob('funding-poll', b.tenant)).toMatchObject({ done: 1, failed: 0 });
  });
});
