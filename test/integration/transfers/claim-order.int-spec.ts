import { Client } from 'pg';
import { ClaimTransfers } from '../../../src/modules/transfers/application/claim-transfers';
import { startApp, type TestApp, type TestTenant } from '../../support';

/** No worker runs: the claims here are the only ones. */
describe('a claim', () => {
  let world: TestApp;
  let tenant: TestTenant;

  beforeAll(async () => {
    world = await startApp({ env: { ROLES: 'api,scheduler' } });
    tenant = await world.tenant();
  });
  afterAll(() => world.close());

  async function claim(railAccountId: string, limit: number): Promise<string[]> {
    const claimed = await world.app
      .get(ClaimTransfers, { strict: false })
      .execute(tenant.id, railAccountId, limit);
    return claimed === 'nothing_due' ? [] : claimed.map((call) => call.transferId);
  }

  it('takes transfers that were sent before first, then the oldest others, up to the limit', async () => {
    await tenant.recipients(['ann', 'bob', 'cyn', 'dan']);
    const { id } = await tenant.settle('contest-order', { ann: 1, bob: 2, cyn: 3, dan: 4 });
    await tenant.paid(id, ({ total }) => total === 4);
    const [{ id: account }] = (await tenant.get<{ results: [{ id: string }] }>('/connections/rail-accounts'))
      .results;
    const [sent] = await claim(account, 1);
    await dueAgain(sent as string);
    const pending = (await tenant.transfersOf(id))
      .filter((transfer) => transfer.id !== sent)
      .map((transfer) => transfer.id);
    const claimed = await claim(account, 3);
    expect(claimed[0]).toBe(sent);
    expect(claimed).toHaveLength(3);
    expect(pending).toEqual(expect.arrayContaining(claimed.slice(1)));
    await expect(claim(account, 10)).resolves.toHaveLength(1);
  });

  /** The lease ran out just now, long after the others became due. */
  async function dueAgain(transferId: string): Promise<void> {
    const admin = new Client({ connectionString: world.urls.admin });
    await admin.connect();
    await admin.query('UPDATE transfers.transfers SET due_at = now(), lease_until = now() WHERE id = $1', [
      transferId,
    ]);
    await admin.end();
  }
});
