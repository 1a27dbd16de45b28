import { sql, type Sql } from '../../../src/platform/database';
import { awardsFrom } from '../../../src/modules/settlements/infrastructure/persistence/sql/awards.sql';
import { linesAfter } from '../../../src/modules/settlements/infrastructure/persistence/sql/intake.sql';
import { type Caller, SettlementWorld } from './support/settlement-world';

const ANY_ID = '01a1fd42-a719-7205-9410-e405ff151e9f';

describe('the tables of settlements', () => {
  let world: SettlementWorld;
  let caller: Caller;

  beforeAll(async () => {
    world = await SettlementWorld.start();
    caller = await world.payer();
    await world.recipients(caller, 2);
    await world.record(caller, [{ external_id: 'user-1', amount: '1.00' }, { external_id: 'user-2', amount: '1.00' }]);
    await world.run('expand-settlements', caller.tenant);
  });
  afterAll(() => world.close());

  it.each([
    ['UPDATE settlements.awards SET amount_minor = 1'],
    ['DELETE FROM settlements.awards'],
    ['UPDATE settlements.settlements SET pool_minor = 1'],
    [`UPDATE settlements.settlements SET contest_id = 'other'`],
    ['DELETE FROM settlements.settlements'],
    ['UPDATE settlements.payout_jobs SET total = 1'],
    ['DELETE FROM settlements.payout_jobs'],
  ])('give the application no right to %s', async (statement) => {
    await expect(world.rows(caller, statement)).rejects.toThrow('permission denied');
  });

  it.each([
    ['UPDATE settlements.settlements SET awards_minor = awards_minor - 1', 'settlements_conservation'],
    ['UPDATE settlements.settlements SET remainder_minor = 1, awards_minor = awards_minor - 1', 'settlements_remainder'],
    [`UPDATE settlements.settlements SET state = 'rejected'`, 'settlements_rejection'],
    [`UPDATE settlements.settlements SET state = 'cancelled'`, 'settlements_cancelled'],
    [`UPDATE settlements.payout_jobs SET status = 'complete'`, 'payout_jobs_completed'],
    [`UPDATE settlements.payout_jobs SET expanded_through = 1`, 'payout_jobs_expanded'],
  ])('repeat the invariants: %s breaks %s', async (statement, constraint) => {
    await expect(world.rows(caller, statement)).rejects.toThrow(constraint);
  });

  it('show the system where work is, and no amount', async () => {
    const asSystem = (text: string) => world.db.uow.runForSystem((tx) => sql(tx).rows({ text, values: [] }));
    expect(await asSystem('SELECT tenant_id, id, state, due_at FROM settlements.settlements')).toHaveLength(1);
    for (const text of ['SELECT pool_minor FROM settlements.settlements', 'SELECT amount_minor FROM settlements.awards', 'SELECT line FROM settlements.intake_lines']) {
      await expect(asSystem(text)).rejects.toThrow('permission denied');
    }
  });

  it.each<[string, Sql<unknown>]>([
    ['the next chunk of awards', awardsFrom(ANY_ID, 5_000, 5_000)],
    ['the next lines of a stream', linesAfter(ANY_ID, { rank: 3, recipientId: ANY_ID }, 5_000)],
  ])('find %s by their key, as the application sees them', async (_what, { text, values }) => {
    const plan = await world.db.uow.run(caller.tenant, async (tx) => {
      await sql(tx).count({ text: 'SET LOCAL enable_seqscan = off', values: [] });
      return sql(tx).rows<Record<string, string>>({ text: `EXPLAIN ${text}`, values });
    });
    const lines = plan.map((row) => row['QUERY PLAN'] ?? '').join('\n');
    expect(lines).toMatch(/Index Cond: \(\(tenant_id = .*(settlement_id|intake_id) = .*("position" >= 5000|ROW\(rank_order, recipient_id\) > ROW)/);
    expect(lines).not.toMatch(/Sort Key/);
  });
});
