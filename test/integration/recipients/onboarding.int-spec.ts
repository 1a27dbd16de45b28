import { ProviderEventAccount } from '../../../src/modules/connections';
import { RecipientPayable } from '../../../src/modules/recipients';
import { RailWorld } from '../connections/support/rail-world';
import { type Link, onboarding, TO } from './support/onboarding';

describe('onboarding a recipient at Stripe', () => {
  let world: RailWorld;
  const { recipient, start, status, openings, eventsOf, atStripe } = onboarding(() => world);

  beforeAll(async () => {
    world = await RailWorld.start();
  });
  afterAll(() => world.close());
  afterEach(() => world.stripe.stopFaults());

  it('opens an account, returns a link that works once, and shows the requirements', async () => {
    const tenant = await world.connected();
    const id = await recipient(tenant);
    expect(await status(tenant, id)).toEqual({
      stripe_account_id: null,
      transfers_capability: null,
      details_submitted: false,
      requirements: null,
      checked_at: null,
    });
    const response = await start(tenant, id);
    const link = response.json<Link>();
    expect([response.statusCode, link]).toEqual([
      200,
      {
        url: expect.stringContaining('/onboarding/'),
        expires_at: expect.any(String),
        stripe_account_id: expect.stringMatching(/^acct_/),
      },
    ]);
    expect(await atStripe(tenant)).toMatchObject([
      {
        id: link.stripe_account_id,
        capabilities: { transfers: 'inactive' },
        metadata: { disburse_tenant: tenant.tenant, disburse_recipient: id },
      },
    ]);
    expect(await status(tenant, id)).toMatchObject({
      stripe_account_id: link.stripe_account_id,
      transfers_capability: 'inactive',
      details_submitted: false,
      requirements: { currently_due: expect.arrayContaining(['external_account']) },
    });
    expect(eventsOf(tenant)).toEqual([]);
    await fetch(link.url, { redirect: 'manual' });
    expect(await status(tenant, id)).toMatchObject({
      transfers_capability: 'active',
      details_submitted: true,
      requirements: { currently_due: [], disabled_reason: null },
    });
    expect(eventsOf(tenant)).toEqual([RecipientPayable.name]);
  });

  it('neither stores nor logs the link, and records who started it', async () => {
    const tenant = await world.connected();
    const id = await recipient(tenant);
    const { url, stripe_account_id: account } = (await start(tenant, id)).json<Link>();
    const secret = url.slice(url.lastIndexOf('/') + 1);
    expect(world.logged.join('\n')).not.toContain(secret);
    const stored = await world.rows(
      tenant.tenant,
      `SELECT o::text FROM recipients.account_openings o UNION ALL SELECT l::text FROM platform.audit_log l
        UNION ALL SELECT k::text FROM platform.idempotency_keys k`,
    );
    expect(JSON.stringify(stored)).not.toContain(secret);
    const trail = await world.rows(
      tenant.tenant,
      `SELECT action, after FROM platform.audit_log WHERE entity_id = $1 AND action <> 'recipient.registered'
        ORDER BY id`,
      [id],
    );
    expect(trail).toEqual([
      { action: 'recipient.onboarding_started', after: { stripe_account_id: null } },
      {
        action: 'recipient.account_connected',
        after: { stripe_account_id: account, transfers_capability: 'inactive' },
      },
    ]);
  });

  it('uses an existing account, with a new link each time', async () => {
    const tenant = await world.connected();
    const id = await recipient(tenant);
    const links = [(await start(tenant, id)).json<Link>(), (await start(tenant, id)).json<Link>()];
    expect(new Set(links.map((link) => link.stripe_account_id)).size).toBe(1);
    expect(new Set(links.map((link) => link.url)).size).toBe(2);
    const named = await recipient(tenant);
    const [account] = await world.stripe.createAccounts({
      platform: tenant.secretKey,
      capability: 'pending',
    });
    await world.send(tenant, {
      method: 'POST',
      url: `/api/v1/recipients/${named}/connected-account`,
      payload: { stripe_account_id: account },
    });
    expect((await start(tenant, named)).json<Link>().stripe_account_id).toBe(account);
    expect([await openings(tenant, named), (await atStripe(tenant)).length]).toEqual([[], 2]);
  });

  it('needs an active recipient of the tenant, a rail account and safe addresses', async () => {
    const [bare, tenant, other] = [await world.caller(), await world.connected(), await world.connected()];
    expect((await start(bare, await recipient(bare))).json()).toMatchObject({
      status: 409,
      code: 'rail_account_missing',
    });
    const [id, inactive] = [await recipient(tenant), await recipient(tenant, { is_active: false })];
    expect((await start(tenant, inactive)).json()).toMatchObject({ status: 409, code: 'recipient_inactive' });
    expect((await start(other, id)).json()).toMatchObject({ status: 404, code: 'recipient_not_found' });
    expect(await status(other, id)).toMatchObject({ status: 404, code: 'recipient_not_found' });
    for (const wrong of [
      { return_url: 'http://example.com/' },
      { refresh_url: 'javascript:alert(1)' },
      { return_url: 7 },
      { refresh_url: undefined },
      { collect: 'everything' },
    ]) {
      expect((await start(tenant, id, { ...TO, ...wrong })).statusCode).toBe(422);
    }
    expect([await atStripe(tenant), await openings(tenant, id)]).toEqual([[], []]);
    expect(
      (
        await start(tenant, id, {
          refresh_url: 'http://localhost:4000/again',
          return_url: 'http://127.0.0.1:4000/done',
        })
      ).statusCode,
    ).toBe(200);
    const reader = await world.caller(['recipients:read']);
    expect((await start(reader, id)).statusCode).toBe(403);
  });

  it('reports an account that no longer exists at Stripe or cannot be read', async () => {
    const tenant = await world.connected();
    const id = await recipient(tenant);
    const { stripe_account_id: account } = (await start(tenant, id)).json<Link>();
    await world.stripe.scriptFaults({ kind: 'server_503', match: { path: `/v1/accounts/${account}` } });
    expect(await status(tenant, id)).toMatchObject({ status: 503, code: 'provider_unreachable' });
    await world.rows(
      tenant.tenant,
      `UPDATE recipients.connected_accounts SET stripe_account_id = 'acct_sim_gone' WHERE recipient_id = $1`,
      [id],
    );
    expect(await status(tenant, id)).toMatchObject({
      stripe_account_id: 'acct_sim_gone',
      transfers_capability: 'inactive',
      requirements: null,
    });
    expect((await start(tenant, id)).json()).toMatchObject({ status: 422, code: 'account_not_found' });
  });

  it('updates the capability after an event', async () => {
    const tenant = await world.connected();
    const id = await recipient(tenant);
    const { url, stripe_account_id: account } = (await start(tenant, id)).json<Link>();
    await fetch(url, { redirect: 'manual' });
    await world.outbox.handle(tenant.tenant, [
      {
        id: 'event',
        name: ProviderEventAccount.name,
        occurredAt: new Date(),
        payload: {
          endpoint_id: 'e',
          rail_account_id: tenant.railAccountId,
          provider_event_id: 'evt_1',
          object_id: account,
          type: 'account.updated',
        },
      },
    ]);
    expect(eventsOf(tenant)).toEqual([RecipientPayable.name]);
  });
});
