import { Client } from 'pg';
import { modules } from '../../src/module-list';
import { ApiKeys, Users } from '../../src/modules/identity';
import { bareTenant } from '../integration/transfers/support/bare-tenant';
import { startApp, type TestApp, type TestTenant } from '../support';
import { AuditedRoutes } from './support/audited-routes';
import { operationsOf, readDocument } from './support/openapi';

describe('the audit trail', () => {
  let world: TestApp;
  let tenant: TestTenant;
  let admin: Client;
  let mutating: string[];
  let left: Record<string, string[]>;

  beforeAll(async () => {
    world = await startApp();
    tenant = await bareTenant(world);
    admin = new Client({ connectionString: world.urls.admin });
    await admin.connect();
    mutating = operationsOf(await readDocument(world.url))
      .filter(({ method }) => method !== 'GET')
      .map(({ method, path }) => `${method} ${path}`);
    const stripeKey = 'sk_test_sim_of_audited_routes';
    await world.simulator.registerPlatform({ secret_key: stripeKey, balances: {} });
    const { secret } = await world.app.get(ApiKeys, { strict: false }).create(tenant.id, 'another', ['*']);
    const routes = new AuditedRoutes(tenant, admin, secret, await platformToken());
    await routes.callAll(stripeKey);
    left = routes.left;
  });
  afterAll(async () => {
    await admin.end();
    await world.close();
  });

  const platformToken = async () => {
    const { token } = await world.app
      .get(Users, { strict: false })
      .create({ email: 'admin@example.com', name: 'Ann Lee', isPlatformAdmin: true });
    const password = 'nine blue whales dance';
    await tenant.call('POST', '/auth/accept-invitation', { token, password });
    return (
      await tenant.must<{ access_token: string }>('POST', '/auth/token', {
        email: 'admin@example.com',
        password,
      })
    ).access_token;
  };
  const records = async (text: string, values: unknown[] = []) =>
    (await admin.query<Record<string, unknown>>(`SELECT * FROM platform.audit_log WHERE ${text}`, values))
      .rows;

  it('covers every mutating route: each is declared by its module, as audited or as unaudited', () => {
    const declared = [...Object.keys(modules.auditedRoutes), ...Object.keys(modules.unauditedRoutes)];
    expect(declared.map((route) => route.replace(' ', ' /api/v1')).sort()).toEqual([...mutating].sort());
  });

  it('has the declared records of each audited route, under the id of its request', () => {
    const declared = Object.entries(modules.auditedRoutes).map(([route, actions]) => [
      route.replace(' ', ' /api/v1'),
      actions,
    ]);
    expect(left).toEqual(Object.fromEntries(declared));
    expect(Object.values(left).filter((actions) => actions.length === 0)).toEqual([]);
  });

  it('records who did it, the values before and after, and no secret', async () => {
    const [changed] = await records(`action = 'recipient.changed'`);
    expect(changed).toMatchObject({
      actor_kind: 'api_key',
      actor_name: 'test',
      before: { name: 'Ann' },
      after: { name: 'Anna' },
    });
    const [paused] = await records(`action = 'rail_account.paused'`);
    expect(paused).toMatchObject({
      before: { status: 'active', reason: null },
      after: { status: 'paused', reason: 'wrong amounts' },
    });
    const all = JSON.stringify(await records('true'));
    for (const secret of ['whsec_', 'sk_test', 'US64000000', tenant.apiKey, 'elephants', 'di_', 'dp_'])
      expect(all).not.toContain(secret);
  });

  it('records nothing of rejected requests, reads and repeats', async () => {
    const call = (requestId: string, path: string, body: object, key: string) =>
      tenant.call('POST', path, body, { 'X-Request-Id': requestId, 'Idempotency-Key': key });
    const settlement = {
      contest_id: 'audited-5',
      currency: 'USD',
      pool: '10.00',
      platform_share: '0',
      rail: 'manual',
      awards: [{ external_id: 'missing', amount: '10.00' }],
    };
    expect((await call('the-refused-1', '/settlements', settlement, 'audit-refused-1')).status).toBe(422);
    const awards = [
      {
        recipient_id: (await tenant.get<{ results: { id: string }[] }>('/recipients')).results[0]?.id,
        amount: '10.00',
      },
    ];
    expect(
      (await call('the-looked-1', '/settlements/preview', { ...settlement, awards }, 'audit-looked-1'))
        .status,
    ).toBe(200);
    expect(
      (await call('the-first-1', '/settlements', { ...settlement, awards }, 'audit-repeated-1')).status,
    ).toBe(201);
    expect(
      (await call('the-again-1', '/settlements', { ...settlement, awards }, 'audit-repeated-1')).headers.get(
        'idempotent-replayed',
      ),
    ).toBe('true');
    const found = await records('request_id = ANY($1)', [
      ['the-refused-1', 'the-looked-1', 'the-first-1', 'the-again-1'],
    ]);
    expect(found.map(({ request_id }) => request_id)).toEqual(['the-first-1']);
  });
});
