import { Client } from 'pg';
import { newId } from '../../../src/kernel/ids';
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
    await world.record(caller, [
      { external_id: 'user-1', amount: '1.00' },
      { external_id: 'user-2', amount: '1.00' },
    ]);
    await world.run('expand-settlements', caller.tenant);
  });
  afterAll(() => world.close());

  it.each([
    ['UPDATE settlements.awards SET amount_minor = 1'],
    ['DELETE FROM settlements.awards'],
    ['UPDATE settlements.settlements SET pool_minor = 1'],
    [`UPDATE settlements.settlements SET contest_id = 'other'`],
    ['DELETE FROM settlements.settlements'],
    [`UPDATE settlements.settlements SET made_behind = '{}'`],
    [`UPDATE settlements.settlements SET created_by = 'somebody'`],
    ['UPDATE settlements.payout_jobs SET total = 1'],
    ['DELETE FROM settlements.payout_jobs'],
  ])('give the application no right to %s', async (statement) => {
    await expect(world.rows(caller, statement)).rejects.toThrow('permission denied');
  });

  it.each([
    ['UPDATE settlements.settlements SET awards_minor = awards_minor - 1', 'settlements_conservation'],
    [
      'UPDATE settlements.settlements SET remainder_minor = 1, awards_minor = awards_minor - 1',
      'settlements_remainder',
    ],
    [`UPDATE settlements.settlements SET state = 'rejected'`, 'settlements_rejection'],
    [`UPDATE settlements.settlements SET state = 'cancelled'`, 'settlements_cancelled'],
    [`UPDATE settlements.payout_jobs SET status = 'complete'`, 'payout_jobs_completed'],
    [`UPDATE settlements.payout_jobs SET expanded_through = 1`, 'payout_jobs_expanded'],
  ])('repeat the invariants: %s breaks %s', async (statement, constraint) => {
    await expect(world.rows(caller, statement)).rejects.toThrow(constraint);
  });

  it('show the system where work is, and no amount', async () => {
    const asSystem = (text: string) => world.db.uow.runForSystem((tx) => sql(tx).rows({ text, values: [] }));
    expect(await asSystem('SELECT tenant_id, id, state, due_at FROM settlements.settlements')).toHaveLength(
      1,
    );
    for (const text of [
      'SELECT pool_minor FROM settlements.settlements',
      'SELECT amount_minor FROM settlements.awards',
      'SELECT line FROM settlements.intake_lines',
    ]) {
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
    expect(lines).toMatch(
      /Index Cond: \(\(tenant_id = .*(settlement_id|intake_id) = .*("position" >= 5000|ROW\(rank_order, recipient_id\) > ROW)/,
    );
    expect(lines).not.toMatch(/Sort Key/);
  });
});

describe('the table of settlements, when one waits for its approval', () => {
  let world: SettlementWorld;
  let caller: Caller;

  beforeAll(async () => {
    world = await SettlementWorld.start();
    caller = await world.payer();
    await world.recipients(caller, 1);
    await world.limit(caller, '0.99');
    await world.record(caller, [{ external_id: 'user-1', amount: '1.00' }], { allow_remainder: true });
  });
  afterAll(() => world.close());

  const set = (change: string) => world.rows(caller, `UPDATE settlements.settlements SET ${change}`);
  const approved = (change: Readonly<Record<string, string>> = {}) => {
    const columns = {
      approved_by: `'somebody'`,
      approved_behind: `ARRAY['${ANY_ID}']::uuid[]`,
      approved_at: 'now()',
      approved_hash: 'result_hash',
      ...change,
    };
    return Object.entries(columns)
      .map(([name, value]) => `${name} = ${value}`)
      .join(', ');
  };

  it.each([
    [`state = 'recorded'`, 'settlements_approved'],
    [`state = 'expanding'`, 'settlements_approved'],
    [`state = 'expanded'`, 'settlements_approved'],
    [`state = 'recorded', approved_hash = result_hash`, 'settlements_approval_whole'],
    [`state = 'recorded', ${approved({ approved_hash: `repeat('0', 64)` })}`, 'settlements_approved'],
    [`state = 'recorded', ${approved({ approved_behind: 'made_behind' })}`, 'settlements_four_eyes'],
    [
      `state = 'recorded', ${approved({ approved_behind: `made_behind || '${ANY_ID}'::uuid` })}`,
      'settlements_four_eyes',
    ],
    [`state = 'recorded', ${approved({ approved_behind: `'{}'` })}`, 'settlements_four_eyes'],
    [approved(), 'settlements_awaiting'],
    [`state = 'recorded', approval_above = NULL`, 'does not change'],
    [`state = 'recorded', approval_above = 100`, 'does not change'],
    [`state = 'recorded', awards_minor = 99, remainder_minor = remainder_minor + 1`, 'does not change'],
    [
      `state = 'recorded', result_hash = repeat('0', 64), ${approved({ approved_hash: `repeat('0', 64)` })}`,
      'does not change',
    ],
  ])('the application cannot set %s: %s', async (change, refusal) => {
    await expect(set(change)).rejects.toThrow(refusal);
  });

  it('keeps an approval as it was given: for that plan, once', async () => {
    await set(`state = 'recorded', ${approved()}`);
    for (const change of [
      `approved_by = 'another'`,
      `approved_at = approved_at + interval '1 day'`,
      `approved_behind = '{${newId()}}'`,
    ]) {
      await expect(set(change)).rejects.toThrow('does not change');
    }
    await expect(set(`result_hash = repeat('0', 64)`)).rejects.toThrow('settlements_approved');
    await expect(set(`result_hash = repeat('0', 64), approved_hash = repeat('0', 64)`)).rejects.toThrow(
      'does not change',
    );
  });

  it('and the cron does not take one that slipped past the database: it says so and pays nothing', async () => {
    const { body } = await world.record(caller, [{ external_id: 'user-1', amount: '2.00' }]);
    const owner = new Client({ connectionString: world.db.urls.owner });
    await owner.connect();
    await owner.query('ALTER TABLE settlements.settlements DROP CONSTRAINT settlements_approved');
    await owner.end();
    await world.rows(caller, `UPDATE settlements.settlements SET state = 'recorded' WHERE id = $1`, [
      body.id,
    ]);
    await world.rows(
      caller,
      `UPDATE settlements.settlements SET due_at = now() + interval '1 day' WHERE id <> $1`,
      [body.id],
    );
    expect(await world.run('expand-settlements', caller.tenant)).toEqual({
      found: 1,
      done: 0,
      failed: 1,
      skipped: [],
    });
    expect((await world.settlement(caller, body.id)).body).toMatchObject({
      status: 'recorded',
      last_failure: 'approval_missing',
      payout_job_id: null,
    });
    expect(world.log.said('settlement.expansion_failed')).toContainEqual(
      expect.objectContaining({ settlement_id: body.id, reason: 'approval_missing' }),
    );
    expect(await world.count(caller, 'transfers.transfers')).toBe(0);
  });
});
