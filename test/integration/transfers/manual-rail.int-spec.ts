import { startApp, type TestApp, type TestTenant, type TransferShown } from '../../support';
import { bareTenant } from './support/bare-tenant';
import { booksOf } from './support/books';

/** The tenant pays by itself and confirms: no provider and no worker, but the same ledger entries. */
describe('the manual rail', () => {
  let world: TestApp;
  let tenant: TestTenant;

  beforeAll(async () => {
    world = await startApp();
    tenant = await world.tenant();
    await tenant.recipients(['ann', 'bob'], { connected: false });
  });
  afterAll(() => world.close());

  it('is chosen by the settlement, and its transfers end as an operator decides', async () => {
    const { id } = await tenant.post<{ id: string }>('/settlements', {
      contest_id: 'by-hand',
      currency: 'USD',
      pool: '30.00',
      platform_share: '0.00',
      rail: 'manual',
      awards: [
        { external_id: 'ann', amount: '10.00' },
        { external_id: 'bob', amount: '20.00' },
      ],
    });
    const job = await tenant.paid(id, ({ counts }) => counts['awaiting_confirmation'] === 2);
    expect(job.status).toBe('processing');
    const [bob, ann] = (await tenant.transfersOf(id)).sort((a, b) => Number(b.amount) - Number(a.amount)) as [
      TransferShown,
      TransferShown,
    ];
    await tenant.post(`/transfers/${ann.id}/mark-paid`, { reason: 'sent by bank', external_id: 'SEPA-1' });
    await tenant.post(`/transfers/${bob.id}/mark-failed`, { reason: 'the bank sent it back' });
    await expect(tenant.paid(id)).resolves.toMatchObject({ status: 'complete', completed: 1, failed: 1 });
    await expect(tenant.get(`/transfers/${ann.id}`)).resolves.toMatchObject({
      rail: 'manual',
      external_id: 'SEPA-1',
      stripe_transfer_id: null,
      evidence: [{ source: 'operator' }],
    });
    await expect(tenant.get(`/transfers/${bob.id}`)).resolves.toMatchObject({
      status: 'failed_terminal',
      reason: 'the bank sent it back',
    });
    await expect(tenant.verify()).resolves.toMatchObject({ balanced: true });
    expect((await world.simulator.allCalls()).filter(({ path }) => path.startsWith('/v1/transfers'))).toEqual(
      [],
    );
  });

  it('is part of the settlement: the same contest on the other rail is rejected', async () => {
    const body = {
      contest_id: 'one-rail',
      currency: 'USD',
      pool: '10.00',
      platform_share: '0.00',
      awards: [{ external_id: 'ann', amount: '10.00' }],
    };
    await tenant.post('/settlements', { ...body, rail: 'manual' });
    const other = await tenant.call<{ code: string }>('POST', '/settlements', body, {
      'Idempotency-Key': 'other-rail-1',
    });
    expect(other).toMatchObject({ status: 409, body: { code: 'settlement_exists' } });
  });
});

describe('a manual transfer of a tenant without a Stripe account', () => {
  let world: TestApp;
  let tenant: TestTenant;

  beforeAll(async () => {
    world = await startApp({ env: { TRANSFER_SWEEP_EVERY_MS: '100' } });
    tenant = await bareTenant(world);
  });
  afterAll(() => world.close());
  afterEach(async () => void (await expect(tenant.verify()).resolves.toMatchObject({ balanced: true })));

  /** One award of 50.00. */
  async function toPay(name: string): Promise<{ settlementId: string; recipientId: string; id: string }> {
    const recipientId = (await tenant.recipients([name], { connected: false })).get(name) as string;
    const awards = [{ external_id: name, amount: '50.00' }];
    const { id: settlementId } = await tenant.post<{ id: string }>('/settlements', {
      contest_id: `contest-${name}`,
      currency: 'USD',
      pool: '50.00',
      rail: 'manual',
      awards,
    });
    await tenant.paid(settlementId, (job) => job.total === 1);
    const [transfer] = await tenant.transfersOf(settlementId);
    return { settlementId, recipientId, id: transfer?.id as string };
  }

  async function balancesOf(recipientId: string): Promise<{ payable?: string; reserved?: string }> {
    const { payable, reserved } = await booksOf(tenant, recipientId);
    return { payable, reserved };
  }

  async function outside(): Promise<string[]> {
    const { results } = await tenant.get<{ results: { balance: string }[] }>(
      '/ledger/accounts?kind=external',
    );
    return results.map(({ balance }) => balance);
  }

  it('is reserved, and neither a sweep nor a retry changes it', async () => {
    const { recipientId, id } = await toPay('ann');
    await tenant.tick();
    await expect(tenant.get(`/transfers/${id}`)).resolves.toMatchObject({
      status: 'awaiting_confirmation',
      due_at: null,
      attempts: [],
      transitions: [],
    });
    expect(await balancesOf(recipientId)).toEqual({ reserved: '50.00' });
    const retried = await tenant.call(
      'POST',
      `/transfers/${id}/retry`,
      { reason: 'hurry' },
      { 'Idempotency-Key': 'retry-of-manual' },
    );
    expect(retried).toMatchObject({
      status: 409,
      body: { code: 'invalid_transition', from: 'awaiting_confirmation' },
    });
  });

  it('is booked once, however often it is marked as paid', async () => {
    const { recipientId, id } = await toPay('bob');
    const say = (external_id: string, key: string) =>
      tenant.call(
        'POST',
        `/transfers/${id}/mark-paid`,
        { reason: 'sent by wire', external_id },
        { 'Idempotency-Key': key },
      );
    const responses = await Promise.all(
      Array.from({ length: 5 }, (_, i) => say(`WIRE-${i}`, `mark-paid-${i}`)),
    );
    expect(responses.map(({ status }) => status).sort()).toEqual([200, 409, 409, 409, 409]);
    expect(await balancesOf(recipientId)).toEqual({});
    expect(await outside()).toEqual(['50.00']);
  });

  it('waits for an operator again when it is re-opened', async () => {
    const { settlementId, recipientId, id } = await toPay('cyn');
    await tenant.post(`/transfers/${id}/mark-failed`, { reason: 'the bank refused' });
    expect(await balancesOf(recipientId)).toEqual({ payable: '50.00' });
    await tenant.paid(settlementId, (job) => job.status === 'complete' && job.failed === 1);
    const opened = await tenant.post<TransferShown>(`/transfers/${id}/retry`, { reason: 'another bank' });
    expect(opened).toMatchObject({
      status: 'awaiting_confirmation',
      openings: 2,
      due_at: null,
      attempts: [],
    });
    expect(await balancesOf(recipientId)).toEqual({ reserved: '50.00' });
    await tenant.tick();
    await tenant.post(`/transfers/${id}/mark-paid`, { reason: 'sent by wire', external_id: 'WIRE-9' });
    expect(await balancesOf(recipientId)).toEqual({});
    await expect(tenant.jobOf(settlementId)).resolves.toMatchObject({ completed: 1, failed: 0 });
  });

  it('can be cancelled', async () => {
    const { recipientId, id } = await toPay('dan');
    await expect(
      tenant.post(`/transfers/${id}/cancel`, { reason: 'paid by another department' }),
    ).resolves.toMatchObject({ status: 'cancelled' });
    expect(await balancesOf(recipientId)).toEqual({ payable: '50.00' });
  });
});
