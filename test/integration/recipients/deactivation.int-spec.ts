import { startApp, type TestApp, type TestTenant } from '../../support';
import { railAccountOf } from '../transfers/support/books';

describe('a deactivated recipient', () => {
  let world: TestApp;
  let tenant: TestTenant;

  beforeAll(async () => {
    world = await startApp({ env: { TRANSFER_SWEEP_EVERY_MS: '200' } });
    tenant = await world.tenant({ balances: { usd: 1_000_00 } });
  });
  afterAll(() => world.close());

  it('is paid what was recorded before, and gets no new award', async () => {
    const ann = (await tenant.recipients(['ann'])).get('ann') as string;
    const { id: railAccount } = await railAccountOf(tenant);
    await tenant.post(`/operations/rail-accounts/${railAccount}/pause`, {
      reason: 'while she is deactivated',
    });
    const [expanded, recorded] = [
      await tenant.settle('expanded', { ann: 10 }),
      await tenant.settle('recorded', { ann: 20 }),
    ];
    await tenant.paid(expanded.id, (job) => job.total === 1);
    await tenant.must('PATCH', `/recipients/${ann}`, { is_active: false });
    await tenant.post(`/operations/rail-accounts/${railAccount}/resume`, { reason: 'done' });
    for (const { id } of [expanded, recorded])
      expect(await tenant.paid(id)).toMatchObject({ completed: 1, failed: 0 });
    await expect(tenant.settle('later', { ann: 30 })).rejects.toThrow('recipient_inactive');
    await expect(tenant.verify()).resolves.toMatchObject({ balanced: true });
  });
});
