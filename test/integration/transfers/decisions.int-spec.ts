import { startApp, type TestApp, type TestTenant, type TransferShown } from '../../support';

/** What a person decides about a transfer. No worker runs: what is due stays due. */
describe('decisions of an operator about a transfer', () => {
  let world: TestApp;
  let tenant: TestTenant;

  beforeAll(async () => {
    world = await startApp({ env: { ROLES: 'api,scheduler' } });
    tenant = await world.tenant();
  });
  afterAll(() => world.close());

  async function due(name: string): Promise<TransferShown> {
    await tenant.recipients([name]);
    const { id } = await tenant.settle(`contest-${name}`, { [name]: 50 });
    await tenant.paid(id, (job) => job.total === 1);
    return (await tenant.transfersOf(id))[0] as TransferShown;
  }

  it('cancel a transfer that was not sent: the money is payable again and the job is complete', async () => {
    const { id } = await due('cancelled');
    const cancelled = await tenant.post<TransferShown>(`/transfers/${id}/cancel`, {
      reason: 'paid by hand instead',
    });
    expect(cancelled).toMatchObject({ status: 'cancelled', reason: 'paid by hand instead' });
    await expect(tenant.verify()).resolves.toMatchObject({ balanced: true });
    const again = await tenant.call<{ code: string }>(
      'POST',
      `/transfers/${id}/cancel`,
      { reason: 'once more' },
      { 'Idempotency-Key': 'cancel-again-1' },
    );
    expect(again).toMatchObject({
      status: 409,
      body: { code: 'invalid_transition', from: 'cancelled', to: 'cancelled' },
    });
  });

  it('return the first response for a repeat of the same decision', async () => {
    const { id } = await due('repeated');
    const first = await tenant.call(
      'POST',
      `/transfers/${id}/cancel`,
      { reason: 'not wanted' },
      { 'Idempotency-Key': 'cancel-repeat-1' },
    );
    const second = await tenant.call(
      'POST',
      `/transfers/${id}/cancel`,
      { reason: 'not wanted' },
      { 'Idempotency-Key': 'cancel-repeat-1' },
    );
    expect(second.text).toBe(first.text);
    expect(second.headers.get('idempotent-replayed')).toBe('true');
  });

  it('cannot confirm a payment on the Stripe rail', async () => {
    const { id } = await due('stripe-rail');
    const paid = await tenant.call<{ code: string }>(
      'POST',
      `/transfers/${id}/mark-paid`,
      { reason: 'I saw it', external_id: 'X1' },
      { 'Idempotency-Key': 'mark-paid-01' },
    );
    expect(paid).toMatchObject({ status: 409, body: { code: 'invalid_transition' } });
  });

  it('need a reason', async () => {
    const { id } = await due('reasonless');
    const response = await tenant.call<{ code: string }>(
      'POST',
      `/transfers/${id}/cancel`,
      {},
      { 'Idempotency-Key': 'cancel-noreason' },
    );
    expect(response).toMatchObject({ status: 422, body: { code: 'validation_failed' } });
  });

  it("return the same 404 for another tenant's transfer as for an unknown id", async () => {
    const { id } = await due('foreign');
    const stranger = await world.tenant();
    const headers = { 'X-Request-Id': '0198b0f2-7c1e-7b3a-9d55-2f6f0b1c4e10' };
    const foreign = await stranger.call('GET', `/transfers/${id}`, undefined, headers);
    const unknown = await stranger.call(
      'GET',
      `/transfers/${id.replace(/.{4}$/, '0000')}`,
      undefined,
      headers,
    );
    expect(foreign.status).toBe(404);
    expect(foreign.text.replaceAll(id, 'ID')).toBe(
      unknown.text.replaceAll(id.replace(/.{4}$/, '0000'), 'ID'),
    );
  });
});
