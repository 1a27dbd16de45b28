import { newId } from '../../../src/kernel/ids';
import { type Caller, RailWorld } from '../connections/support/rail-world';

interface Method {
  readonly type: string;
  readonly is_default: boolean;
}

describe('the payment methods of a recipient', () => {
  let world: RailWorld;
  let tenant: Awaited<ReturnType<RailWorld['connected']>>;

  beforeAll(async () => {
    world = await RailWorld.start();
    tenant = await world.connected();
  });
  afterAll(() => world.close());

  const BANK = { account_number: 'DE89370400440532013000', bank_code: 'COBADEFFXXX' };
  async function recipient(
    with_: { bank?: boolean; capability?: 'active' | 'pending' } = {},
  ): Promise<string> {
    const payload = { type: 'INDIVIDUAL', name: 'Ann', country: 'US', ...(with_.bank ? BANK : {}) };
    const { id } = (await world.send(tenant, { method: 'POST', url: '/api/v1/recipients', payload })).json<{
      id: string;
    }>();
    if (with_.capability) await connect(id, with_.capability);
    return id;
  }
  async function connect(id: string, capability: 'active' | 'pending'): Promise<string> {
    const [account] = await world.stripe.createAccounts({ platform: tenant.secretKey, capability });
    await world.send(tenant, {
      method: 'POST',
      url: `/api/v1/recipients/${id}/connected-account`,
      payload: { stripe_account_id: account },
    });
    return account as string;
  }
  const methods = (id: string, by: Caller = tenant) =>
    world.send(by, { url: `/api/v1/recipients/${id}/payment-methods` });
  const choose = (id: string, type: unknown, by: Caller = tenant) =>
    world.send(by, {
      method: 'PUT',
      url: `/api/v1/recipients/${id}/payment-methods/default`,
      payload: { type },
    });
  const shown = (response: Awaited<ReturnType<typeof methods>>) =>
    response.json<{ results: Method[] }>().results.map((method) => [method.type, method.is_default]);

  it('are none, a bank account or a connected account', async () => {
    const id = await recipient();
    expect((await methods(id)).json()).toEqual({ results: [] });
    await world.send(tenant, { method: 'PATCH', url: `/api/v1/recipients/${id}`, payload: BANK });
    expect((await methods(id)).json()).toEqual({
      results: [
        {
          type: 'manual_bank_transfer',
          rail: 'manual',
          is_default: true,
          payable: true,
          not_payable_reason: null,
          bank_details: { account_number: '****3000', bank_code: 'COBADEFFXXX' },
          connected_account: null,
        },
      ],
    });
    const account = await connect(id, 'pending');
    expect((await methods(id)).json()).toMatchObject({
      results: [
        {
          type: 'stripe_connected_account',
          rail: 'stripe',
          is_default: true,
          payable: false,
          not_payable_reason: 'transfers_capability_pending',
          bank_details: null,
          connected_account: { stripe_account_id: account, transfers_capability: 'pending' },
        },
        { type: 'manual_bank_transfer', is_default: false, payable: true },
      ],
    });
    await world.send(tenant, {
      method: 'PATCH',
      url: `/api/v1/recipients/${id}`,
      payload: { is_active: false },
    });
    expect((await methods(id)).json()).toMatchObject({
      results: [
        { not_payable_reason: 'recipient_inactive' },
        { payable: false, not_payable_reason: 'recipient_inactive' },
      ],
    });
  });

  it('store the chosen one and record who chose it', async () => {
    const id = await recipient({ bank: true, capability: 'active' });
    const chosen = await choose(id, 'Manual_Bank_Transfer');
    expect([chosen.statusCode, shown(chosen)]).toEqual([
      200,
      [
        ['stripe_connected_account', false],
        ['manual_bank_transfer', true],
      ],
    ]);
    await connect(id, 'active');
    await world.send(tenant, { method: 'PATCH', url: `/api/v1/recipients/${id}`, payload: { name: 'Anna' } });
    expect(shown(await methods(id))).toEqual(shown(chosen));
    const trail = await world.rows(
      tenant.tenant,
      `SELECT before, after FROM platform.audit_log WHERE entity_id = $1
        AND action = 'recipient.payment_method_chosen'`,
      [id],
    );
    expect(trail).toEqual([
      { before: { default_payment_method: null }, after: { default_payment_method: 'manual_bank_transfer' } },
    ]);
  });

  it('cannot be chosen when the recipient does not have them', async () => {
    const [bank, stripe] = [await recipient({ bank: true }), await recipient({ capability: 'active' })];
    expect((await choose(bank, 'stripe_connected_account')).json()).toMatchObject({
      status: 409,
      code: 'payment_method_missing',
      payment_method: 'stripe_connected_account',
    });
    expect((await choose(stripe, 'manual_bank_transfer')).json()).toMatchObject({
      status: 409,
      code: 'payment_method_missing',
    });
    for (const wrong of ['paypal', '', null, 7, ['manual_bank_transfer']])
      expect((await choose(bank, wrong)).json()).toMatchObject({ status: 422, code: 'validation_failed' });
    expect(shown(await methods(bank))).toEqual([['manual_bank_transfer', true]]);
  });

  it("are neither shown nor chosen for another tenant's recipient", async () => {
    const [id, otherTenant] = [await recipient({ bank: true }), await world.caller()];
    for (const unknown of [id, newId()]) {
      expect((await methods(unknown, otherTenant)).json()).toMatchObject({
        status: 404,
        code: 'recipient_not_found',
      });
      expect((await choose(unknown, 'manual_bank_transfer', otherTenant)).json()).toMatchObject({
        status: 404,
        code: 'recipient_not_found',
      });
    }
    const reader = await world.caller(['recipients:read']);
    expect((await choose(id, 'manual_bank_transfer', reader)).json()).toMatchObject({
      status: 403,
      code: 'insufficient_scope',
    });
  });
});
