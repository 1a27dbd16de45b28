import { ProviderEventAccount } from '../../../src/modules/connections';
import { RecipientBlocked, RecipientPayable, Recipients } from '../../../src/modules/recipients';
import { type Caller, RailWorld } from '../connections/support/rail-world';

type Connected = Awaited<ReturnType<RailWorld['connected']>>;

describe('the connected accounts of recipients', () => {
  let world: RailWorld;
  let recipients: Recipients;

  beforeAll(async () => {
    world = await RailWorld.start();
    recipients = world.app.get(Recipients, { strict: false });
  });
  afterAll(() => world.close());

  async function recipient(by: Caller): Promise<string> {
    const response = await world.send(by, {
      method: 'POST',
      url: '/api/v1/recipients',
      payload: { type: 'INDIVIDUAL', name: 'Ann', country: 'US' },
    });
    return response.json<{ id: string }>().id;
  }
  async function account(
    of: Connected,
    capability: 'active' | 'pending' | 'inactive' | null = 'active',
  ): Promise<string> {
    return (await world.stripe.createAccounts({ platform: of.secretKey, capability }))[0] as string;
  }
  const connect = (by: Caller, id: string, stripeAccountId: unknown) =>
    world.send(by, {
      method: 'POST',
      url: `/api/v1/recipients/${id}/connected-account`,
      payload: { stripe_account_id: stripeAccountId },
    });
  const payable = async (of: Caller, id: string) =>
    (await world.db.uow.run(of.tenant, (tx) => recipients.payableOf(tx, [id]))).get(id);
  const eventsOf = (of: Caller) =>
    world.outbox
      .of(of.tenant)
      .filter((event) => event.name.startsWith('recipient.'))
      .map((event) => [event.name, event.payload['recipient_id']]);
  const updated = (of: Connected, stripeAccountId: string, times = 1) =>
    world.outbox.handle(
      of.tenant,
      Array.from({ length: times }, (_, n) => ({
        id: `event-${n}`,
        name: ProviderEventAccount.name,
        occurredAt: new Date(),
        payload: {
          endpoint_id: 'e',
          rail_account_id: of.railAccountId,
          provider_event_id: `evt_${n}`,
          object_id: stripeAccountId,
          type: 'account.updated',
        },
      })),
    );

  it('are stored when Stripe confirms them, with their current capability', async () => {
    const tenant = await world.connected();
    for (const [capability, shown] of [
      ['active', 'active'],
      ['pending', 'pending'],
      ['inactive', 'inactive'],
      [null, 'unrequested'],
    ] as const) {
      const id = await recipient(tenant);
      const stripeAccount = await account(tenant, capability);
      const response = await connect(tenant, id, stripeAccount);
      expect([response.statusCode, response.json()]).toMatchObject([
        200,
        { id, connected_account: { stripe_account_id: stripeAccount, transfers_capability: shown } },
      ]);
      expect(await payable(tenant, id)).toEqual({
        stripeAccountId: stripeAccount,
        transfersCapability: shown,
        isActive: true,
      });
    }
    expect(eventsOf(tenant)).toHaveLength(1);
  });

  it("are rejected when they are unknown, another tenant's, the platform's own, or not an account id", async () => {
    const [tenant, other] = [await world.connected(), await world.connected()];
    const id = await recipient(tenant);
    for (const foreign of ['acct_sim_unknown', await account(other), tenant.accountId]) {
      expect((await connect(tenant, id, foreign)).json()).toMatchObject({
        status: 422,
        code: 'account_not_found',
      });
    }
    for (const wrong of ['', 'cus_1', 'acct_1/../transfers', 7, null])
      expect((await connect(tenant, id, wrong)).json()).toMatchObject({
        status: 422,
        code: 'validation_failed',
      });
    expect(await payable(tenant, id)).toMatchObject({ stripeAccountId: null });
  });

  it('need a rail account, a recipient of the tenant, a valid key and a response of Stripe', async () => {
    const bare = await world.caller();
    expect((await connect(bare, await recipient(bare), 'acct_1')).json()).toMatchObject({
      status: 409,
      code: 'rail_account_missing',
    });
    const [tenant, other] = [await world.connected(), await world.connected()];
    const [id, stripeAccount] = [await recipient(tenant), await account(tenant)];
    expect((await connect(other, id, stripeAccount)).json()).toMatchObject({
      status: 404,
      code: 'recipient_not_found',
    });
    await world.stripe.scriptFaults({ kind: 'huge_body', match: { path: `/v1/accounts/${stripeAccount}` } });
    expect((await connect(tenant, id, stripeAccount)).json()).toMatchObject({
      status: 503,
      code: 'provider_unreachable',
    });
    await world.stripe.setKeyState(tenant.secretKey, 'revoked');
    expect((await connect(tenant, id, stripeAccount)).json()).toMatchObject({
      status: 409,
      code: 'rail_account_refused',
    });
  });

  it('belong to one recipient, and each change is recorded', async () => {
    const tenant = await world.connected();
    const [ann, bob] = [await recipient(tenant), await recipient(tenant)];
    const [first, second] = [await account(tenant), await account(tenant)];
    await connect(tenant, ann, first);
    expect((await connect(tenant, bob, first)).json()).toMatchObject({
      status: 409,
      code: 'connected_account_taken',
    });
    await connect(tenant, ann, first);
    await connect(tenant, ann, second);
    expect((await connect(tenant, bob, first)).statusCode).toBe(200);
    const changes = await world.rows(
      tenant.tenant,
      `SELECT version, previous_stripe_account_id, stripe_account_id FROM recipients.connected_account_changes
        WHERE recipient_id = $1 ORDER BY version`,
      [ann],
    );
    expect(changes).toEqual([
      { version: 1, previous_stripe_account_id: null, stripe_account_id: first },
      { version: 2, previous_stripe_account_id: first, stripe_account_id: second },
    ]);
    await expect(
      world.rows(tenant.tenant, 'DELETE FROM recipients.connected_account_changes'),
    ).rejects.toThrow('permission denied');
  });

  it('go to one of twenty recipients that request the same account at once', async () => {
    const tenant = await world.connected();
    const stripeAccount = await account(tenant);
    const ids = await Promise.all(Array.from({ length: 20 }, () => recipient(tenant)));
    const responses = await Promise.all(ids.map((id) => connect(tenant, id, stripeAccount)));
    expect(responses.map((response) => response.statusCode).sort()).toEqual([
      200,
      ...Array<number>(19).fill(409),
    ]);
  });

  it('are read again after each event, also when events repeat or arrive late', async () => {
    const tenant = await world.connected();
    const [id, stripeAccount] = [await recipient(tenant), await account(tenant, 'pending')];
    await connect(tenant, id, stripeAccount);
    await world.stripe.changeAccount(stripeAccount, { capability: 'active' });
    await updated(tenant, stripeAccount, 5);
    await updated(tenant, stripeAccount);
    expect([eventsOf(tenant), await payable(tenant, id)]).toMatchObject([
      [[RecipientPayable.name, id]],
      { transfersCapability: 'active' },
    ]);
    await world.stripe.changeAccount(stripeAccount, { capability: 'inactive' });
    await updated(tenant, stripeAccount);
    expect(eventsOf(tenant)).toEqual([
      [RecipientPayable.name, id],
      [RecipientBlocked.name, id],
    ]);
    await updated(tenant, 'acct_sim_not_connected');
  });

  it('make the event handler retry when Stripe cannot be reached', async () => {
    const tenant = await world.connected();
    const [id, stripeAccount] = [await recipient(tenant), await account(tenant, 'pending')];
    await connect(tenant, id, stripeAccount);
    await world.stripe.scriptFaults({ kind: 'server_503', match: { path: `/v1/accounts/${stripeAccount}` } });
    await expect(updated(tenant, stripeAccount)).rejects.toThrow('could not be read');
    expect(await payable(tenant, id)).toMatchObject({ transfersCapability: 'pending' });
  });

  it('are read hourly while transfers wait for them, until they are active', async () => {
    const tenant = await world.connected();
    const [pending, refused, fine] = [
      await recipient(tenant),
      await recipient(tenant),
      await recipient(tenant),
    ];
    const waiting = await account(tenant, 'pending');
    await connect(tenant, pending, waiting);
    for (const id of [refused, fine]) await connect(tenant, id, await account(tenant));
    await world.db.uow.run(tenant.tenant, (tx) => recipients.watch(tx, [refused]));
    expect(await world.runJob('recipient-capabilities', tenant.tenant)).toMatchObject({ found: 0 });
    await world.rows(
      tenant.tenant,
      `UPDATE recipients.connected_accounts SET checked_at = checked_at - interval '1 hour'`,
    );
    await world.stripe.changeAccount(waiting, { capability: 'active' });
    const before = eventsOf(tenant).length;
    expect(await world.runJob('recipient-capabilities', tenant.tenant)).toEqual({
      found: 2,
      done: 2,
      failed: 0,
      skipped: [],
    });
    expect(eventsOf(tenant).slice(before).sort()).toEqual(
      [
        [RecipientPayable.name, pending],
        [RecipientPayable.name, refused],
      ].sort(),
    );
    await world.rows(
      tenant.tenant,
      `UPDATE recipients.connected_accounts SET checked_at = checked_at - interval '1 hour'`,
    );
    expect(await world.runJob('recipient-capabilities', tenant.tenant)).toMatchObject({ found: 0 });
  });

  it("are read also when another tenant's key no longer works", async () => {
    const [broken, well] = [await world.connected(), await world.connected()];
    const wait = async (tenant: Connected) => {
      const [id, stripeAccount] = [await recipient(tenant), await account(tenant, 'pending')];
      await connect(tenant, id, stripeAccount);
      await world.stripe.changeAccount(stripeAccount, { capability: 'active' });
      await world.rows(
        tenant.tenant,
        `UPDATE recipients.connected_accounts SET checked_at = checked_at - interval '1 hour'`,
      );
      return id;
    };
    const [stuck, paid] = [await wait(broken), await wait(well)];
    await world.stripe.setKeyState(broken.secretKey, 'revoked');
    expect(await world.runJob('recipient-capabilities')).toMatchObject({ failed: 1 });
    expect([await payable(broken, stuck), await payable(well, paid)]).toMatchObject([
      { transfersCapability: 'pending' },
      { transfersCapability: 'active' },
    ]);
  });

  it('are read on demand, and are inactive when they no longer exist at Stripe', async () => {
    const tenant = await world.connected();
    const [id, stripeAccount] = [await recipient(tenant), await account(tenant)];
    await connect(tenant, id, stripeAccount);
    await world.rows(
      tenant.tenant,
      `UPDATE recipients.connected_accounts SET stripe_account_id = 'acct_sim_gone'`,
    );
    expect(await recipients.refreshAtProvider(tenant.tenant, [id])).toEqual({ read: 1, failed: 0 });
    expect([await payable(tenant, id), eventsOf(tenant).at(-1)]).toMatchObject([
      { transfersCapability: 'inactive' },
      [RecipientBlocked.name, id],
    ]);
  });
});
