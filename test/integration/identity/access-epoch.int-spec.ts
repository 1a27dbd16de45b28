import { systemActor } from '../../../src/kernel/actor';
import { UnitOfWork } from '../../../src/kernel/tx';
import { ApiKeys } from '../../../src/modules/identity';
import {
  PRINCIPAL_CACHE_TTL_MS,
  PrincipalCache,
} from '../../../src/modules/identity/access/application/principal-cache';
import { ApiKeyStore } from '../../../src/modules/identity/access/application/ports';
import { Tenancy } from '../../../src/modules/tenancy';
import { Authenticator } from '../../../src/platform/access';
import type { Principal } from '../../../src/kernel/principal';
import { startApp, TestTenant, until, type TestApp } from '../../support';

const SETTLEMENT = {
  contest_id: 'contest-1',
  currency: 'USD',
  pool: '1.00',
  platform_share: '0.00',
  awards: [{ external_id: 'ann', amount: '1.00' }],
};

/** Two programs on one database. The second learns nothing of what happens in the first. */
describe('access that another process has taken away', () => {
  let here: TestApp;
  let there: TestApp;

  beforeAll(async () => {
    here = await startApp();
    there = await startApp({ beside: here });
  });
  afterAll(async () => {
    await there.close();
    await here.close();
  });

  /** A tenant with a key of its own for the second process, which has just used it. */
  async function cachedThere() {
    const tenant = await here.tenant();
    await tenant.recipients(['ann']);
    const { id, secret } = await here.app.get(ApiKeys, { strict: false }).create(tenant.id, 'there', ['*']);
    const caller = new TestTenant(there.url, tenant.id, secret, tenant.stripeKey, tenant.simulator);
    await caller.get('/api-keys/self');
    return { tenant, keyId: id, caller };
  }

  async function settle(caller: TestTenant, contest: string) {
    const { status, body } = await caller.call(
      'POST',
      '/settlements',
      { ...SETTLEMENT, contest_id: contest },
      { 'Idempotency-Key': `settle-${contest}` },
    );
    return [status, body['code']];
  }

  function revoke(tenant: TestTenant, keyId: string) {
    return here.app.get(ApiKeys, { strict: false }).revoke(tenant.id, keyId);
  }

  it('makes the next write of a revoked key fail although its principal is cached', async () => {
    const { tenant, keyId, caller } = await cachedThere();
    await revoke(tenant, keyId);
    expect((await caller.call('GET', '/api-keys/self')).status).toBe(200);
    await expect(settle(caller, 'revoked')).resolves.toEqual([401, 'unauthenticated']);
    expect((await tenant.get<{ results: unknown[] }>('/settlements')).results).toEqual([]);
    // The write has cleared the cache of this process too.
    expect((await caller.call('GET', '/api-keys/self')).status).toBe(401);
  });

  it('makes its reads fail within seconds', async () => {
    const { tenant, keyId, caller } = await cachedThere();
    await revoke(tenant, keyId);
    const revokedAt = performance.now();
    await until(
      'the read is refused',
      async () => (await caller.call('GET', '/api-keys/self')).status === 401,
    );
    expect(performance.now() - revokedAt).toBeLessThan(PRINCIPAL_CACHE_TTL_MS + 1_000);
  });

  it('leaves the other keys of the tenant working, twenty at once', async () => {
    const { tenant, caller } = await cachedThere();
    const { id } = await here.app.get(ApiKeys, { strict: false }).create(tenant.id, 'gone', ['*']);
    await revoke(tenant, id);
    const responses = await Promise.all(Array.from({ length: 20 }, (_, i) => settle(caller, `other-${i}`)));
    expect(responses).toEqual(responses.map(() => [201, undefined]));
  });

  it('rejects the writes of a suspended tenant, and accepts them after its reactivation', async () => {
    const { tenant, caller } = await cachedThere();
    const [uow, tenancy] = [
      here.app.get(UnitOfWork, { strict: false }),
      here.app.get(Tenancy, { strict: false }),
    ];
    await uow.run(tenant.id, (tx) => tenancy.suspend(tx, 'a test', systemActor('test')));
    await expect(settle(caller, 'suspended')).resolves.toEqual([403, 'tenant_suspended']);
    await uow.run(tenant.id, (tx) => tenancy.reactivate(tx, 'a test', systemActor('test')));
    await expect(settle(caller, 'suspended')).resolves.toEqual([201, undefined]);
  });

  it('is noticed even if it is taken away while the caller is looked up', async () => {
    const { tenant, keyId, caller } = await cachedThere();
    const store = there.app.get(ApiKeyStore, { strict: false });
    const find = store.findUsable.bind(store);
    const cached = await there.app
      .get(Authenticator, { strict: false })
      .authenticate({ apiKey: caller.apiKey });
    there.app.get(PrincipalCache, { strict: false }).forget(cached as Principal);
    const [wasFound, isRevoked] = [gate(), gate()];
    const reading = jest.spyOn(store, 'findUsable').mockImplementationOnce(async (...args) => {
      const found = await find(...args);
      wasFound.open();
      await isRevoked.opened;
      return found;
    });
    const settling = settle(caller, 'meanwhile');
    await wasFound.opened;
    await revoke(tenant, keyId);
    isRevoked.open();
    await expect(settling).resolves.toEqual([401, 'unauthenticated']);
    expect(reading).toHaveBeenCalledTimes(2);
    reading.mockRestore();
  });

  it('rejects every other route that changes something', async () => {
    const { tenant, caller } = await cachedThere();
    const recipients = await tenant.recipients(['bob']);
    const [rail] = (await tenant.get<{ results: { id: string }[] }>('/connections/rail-accounts')).results;
    const { id: endpoint } = await tenant.must<{ id: string }>('POST', '/connections/webhook-endpoints', {
      family: 'account',
      secret: `whsec_${'a'.repeat(32)}`,
    });
    const id = recipients.get('bob') as string;
    const reason = { reason: 'a reason' };
    const writes: [string, string, unknown][] = [
      ['PUT', '/tenant/settings', { allowed_currencies: ['USD'], max_attempts: 1 }],
      ['PUT', '/connections/stripe', { secret_key: tenant.stripeKey }],
      ['POST', '/connections/webhook-endpoints', { family: 'connect', secret: `whsec_${'b'.repeat(32)}` }],
      ['PUT', `/connections/webhook-endpoints/${endpoint}/secret`, { secret: `whsec_${'c'.repeat(32)}` }],
      ['DELETE', `/connections/webhook-endpoints/${endpoint}/previous-secret`, undefined],
      ['POST', `/operations/rail-accounts/${rail?.id}/pause`, reason],
      ['POST', `/operations/rail-accounts/${rail?.id}/resume`, reason],
      ['POST', '/operations/scheduler/run', {}],
      ['POST', '/recipients', { type: 'INDIVIDUAL', name: 'cyn', country: 'US' }],
      ['PATCH', `/recipients/${id}`, { name: 'Robert' }],
      ['POST', `/recipients/${id}/connected-account`, { stripe_account_id: 'acct_1' }],
      ['POST', `/transfers/${id}/retry`, reason],
      ['POST', `/transfers/${id}/cancel`, reason],
      ['POST', `/payout-jobs/${id}/retry`, reason],
      ['POST', `/settlements/${id}/cancel`, reason],
    ];
    for (const [method, path, body] of writes) {
      const { id: keyId, secret } = await here.app
        .get(ApiKeys, { strict: false })
        .create(tenant.id, 'there', ['*']);
      const victim = new TestTenant(there.url, tenant.id, secret, tenant.stripeKey, tenant.simulator);
      await victim.get('/api-keys/self');
      await revoke(tenant, keyId);
      const response = await victim.call(method, path, body, { 'Idempotency-Key': `route-${keyId}` });
      expect([method, path, response.status]).toEqual([method, path, 401]);
    }
    expect((await caller.call('GET', '/api-keys/self')).status).toBe(200);
  });
});

function gate(): { open: () => void; opened: Promise<void> } {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { open, opened };
}
