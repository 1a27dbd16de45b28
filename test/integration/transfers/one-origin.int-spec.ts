import { newId } from '../../../src/kernel/ids';
import { UnitOfWork } from '../../../src/kernel/tx';
import { Connections } from '../../../src/modules/connections';
import { type TransferRequest, Transfers } from '../../../src/modules/transfers';
import { startApp, type TestApp, type TestTenant } from '../../support';

/**
 * One obligation is paid by one transfer; the next one only after the money of the first is safely back, or
 * was never to go.
 */
describe('an origin', () => {
  let world: TestApp;
  let tenant: TestTenant;
  let recipientId: string;

  beforeAll(async () => {
    world = await startApp();
    tenant = await world.tenant();
    recipientId = (await tenant.recipients(['ann'], { connected: false })).get('ann') as string;
    const { id } = await tenant.settle('contest-owed', { ann: 100 });
    await tenant.paid(id);
  });
  afterAll(() => world.close());

  async function request(origin: TransferRequest['origin']): Promise<void> {
    await world.app.get(UnitOfWork, { strict: false }).run(tenant.id, async (tx) => {
      const { id: railAccountId } = await world.app
        .get(Connections, { strict: false })
        .railAccountFor(tx, 'manual');
      const transfer = {
        recipientId,
        amountMinor: 1_00n,
        currency: 'USD',
        rail: 'manual',
        railAccountId,
        purpose: 'award',
        origin,
        jobId: null,
        settlementId: null,
        maxAttempts: 1,
      } as const;
      await world.app
        .get(Transfers, { strict: false })
        .request(tx, [transfer], { reference: `test:${origin.id}:reserved:${origin.seq ?? 1}` });
    });
  }

  const newest = async () =>
    (await tenant.get<{ results: { id: string }[] }>(`/transfers?recipient_id=${recipientId}`)).results[0]
      ?.id as string;

  it('gets no second transfer while the first one may still be sent', async () => {
    const origin = { kind: 'test', id: newId() };
    await request(origin);
    await expect(request({ ...origin, seq: 2 })).rejects.toMatchObject({ code: '23P01' });
    await tenant.post(`/transfers/${await newest()}/mark-failed`, { reason: 'may be opened again' });
    await expect(request({ ...origin, seq: 2 })).rejects.toMatchObject({ code: '23P01' });
    await expect(request({ ...origin, seq: 3 })).rejects.toMatchObject({ code: '23P01' });
  });

  it('gets a second transfer after the first one was cancelled', async () => {
    const origin = { kind: 'test', id: newId() };
    await request(origin);
    const first = await newest();
    await tenant.post(`/transfers/${first}/cancel`, { reason: 'other account wanted' });
    await request({ ...origin, seq: 2 });
    const second = await newest();
    expect(second).not.toBe(first);
    await request({ ...origin, seq: 2 });
    await expect(newest()).resolves.toBe(second);
    await expect(tenant.verify()).resolves.toMatchObject({ balanced: true });
  });
});
