import { Client } from 'pg';
import { newId } from '../../../src/kernel/ids';
import { sql, type Sql } from '../../../src/platform/database';
import { findAwardsFrom } from '../../../src/modules/settlements/infrastructure/persistence/sql/awards.sql';
import { findUploadLinesAfter } from '../../../src/modules/settlements/infrastructure/persistence/sql/uploads.sql';
import { type Caller, SettlementWorld } from './support/settlement-world';

const ANY_ID = '01a1fd42-a719-7205-9410-e405ff151e9f';

describe('Privileges and constraints of the settlement tables', () => {
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
    [`UPDATE settlements.settlements SET maker_actor_chain = '{}'`],
    [`UPDATE settlements.settlements SET created_by = 'someone'`],
    ['UPDATE settlements.payout_jobs SET total = 1'],
    ['DELETE FROM settlements.payout_jobs'],
  ])('do not let the application %s', async (statement) => {
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
  ])('reject %s by %s', async (statement, constraint) => {
    await expect(world.rows(caller, statement)).rejects.toThrow(constraint);
  });

  it('let the system login read routing columns only', async () => {
    const asSystem = (text: string) => world.db.uow.runForSystem((tx) => sql(tx).rows({ text, values: [] }));
    expect(await asSystem('SELECT tenant_id, id, state, due_at FROM settlements.settlements')).toHaveLength(
      1,
    );
    for (const text of [
      'SELECT pool_minor FROM settlements.settlements',
      'SELECT amount_minor FROM settlements.awards',
      'SELECT line FROM settlements.upload_lines',
    ]) {
      await expect(asSystem(text)).rejects.toThrow('permission denied');
    }
  });

  it.each<[string, Sql<unknown>]>([
    ['the next chunk of awards', findAwardsFrom(ANY_ID, 5_000, 5_000)],
    ['the next lines of a stream', findUploadLinesAfter(ANY_ID, { rank: 3, recipientId: ANY_ID }, 5_000)],
  ])('find %s by an index, under row-level security', async (_what, { text, values }) => {
    const plan = await world.db.uow.run(caller.tenant, async (tx) => {
      await sql(tx).count({ text: 'SET LOCAL enable_seqscan = off', values: [] });
      return sql(tx).rows<Record<string, string>>({ text: `EXPLAIN ${text}`, values });
    });
    const lines = plan.map((row) => row['QUERY PLAN'] ?? '').join('\n');
    expect(lines).toMatch(/Index Cond: \(\(tenant_id = .*(settlement_id|upload_id) = /);
    expect(lines).toMatch(/Index Cond: .*("position" >= 5000|ROW\(rank_order, recipient_id\) > ROW)/);
    expect(lines).not.toMatch(/Sort Key/);
  });
});

describe('The settlements table, while a settlement waits for approval', () => {
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
      approved_by: `'someone'`,
      approved_actor_chain: `ARRAY['${ANY_ID}']::uuid[]`,
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
    [
      `state = 'recorded', ${approved({ approved_actor_chain: 'maker_actor_chain' })}`,
      'settlements_four_eyes',
    ],
    [
      `state = 'recorded', ${approved({ approved_actor_chain: `maker_actor_chain || '${ANY_ID}'::uuid` })}`,
      'settlements_four_eyes',
    ],
    [`state = 'recorded', ${approved({ approved_actor_chain: `'{}'` })}`, 'settlements_four_eyes'],
    [approved(), 'settlements_awaiting'],
    [`state = 'recorded', approval_above = NULL`, 'cannot change'],
    [`state = 'recorded', approval_above = 100`, 'cannot change'],
    [`state = 'recorded', awards_minor = 99, remainder_minor = remainder_minor + 1`, 'cannot change'],
    [
      `state = 'recorded', result_hash = repeat('0', 64), ${approved({ approved_hash: `repeat('0', 64)` })}`,
      'cannot change',
    ],
  ])('rejects %s with %s', async (change, error) => {
    await expect(set(change)).rejects.toThrow(error);
  });

  it('accepts one approval and rejects its change', async () => {
    await set(`state = 'recorded', ${approved()}`);
    for (const change of [
      `approved_by = 'another'`,
      `approved_at = approved_at + interval '1 day'`,
      `approved_actor_chain = '{${newId()}}'`,
    ]) {
      await expect(set(change)).rejects.toThrow('cannot change');
    }
    await expect(set(`result_hash = repeat('0', 64)`)).rejects.toThrow('settlements_approved');
    await expect(set(`result_hash = repeat('0', 64), approved_hash = repeat('0', 64)`)).rejects.toThrow(
      'cannot change',
    );
  });

  it('is checked by the schedule, too: an unapproved settlement is not expanded', async () => {
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
