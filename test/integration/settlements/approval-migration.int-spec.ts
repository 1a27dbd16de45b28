import { Client } from 'pg';
import { newId } from '../../../src/kernel/ids';
import { migrations } from '../../../src/migrations';
import { migrate } from '../../../src/platform/database';
import { bareDatabase, dropDatabase, type TestDatabase } from '../../support';

const APPROVAL = 'SettlementApproval1763720040000';
const older = migrations.filter(
  (migration) => Number(new migration().name.slice(-13)) < Number(APPROVAL.slice(-13)),
);

/** A table that is in use gets new columns and new rules; whatever stands in it must stand there afterwards. */
describe('the migration to approvals', () => {
  let urls: TestDatabase['urls'];
  let owner: Client;
  const tenant = newId();
  const key = newId();

  beforeAll(async () => {
    urls = await bareDatabase();
    await migrate(urls.owner, older);
    owner = new Client({ connectionString: urls.owner });
    await owner.connect();
  });
  afterAll(async () => {
    await owner.end();
    await dropDatabase(urls);
  });

  const INSERT = `INSERT INTO settlements.settlements (tenant_id, id, contest_id, currency, rail, pool_minor, platform_share_minor, remainder_minor, allow_remainder, state, award_count,
      awards_minor, recorded_through, reversed_through, result_hash, exclusions, rejection, created_by, created_at, recorded_at, cancelled_by, cancelled_at, cancel_reason)
    VALUES ($1, $2, $7, 'USD', 'stripe', 100, 0, 0, false, $3, CASE WHEN $4 THEN 0 ELSE 1 END, CASE WHEN $4 THEN 0 ELSE 100 END, CASE WHEN $4 OR $3 = 'recording' THEN 0 ELSE 1 END,
      CASE WHEN $3 = 'cancelled' THEN 1 ELSE 0 END, CASE WHEN $4 THEN NULL ELSE repeat('a', 64) END, '[]', CASE WHEN $3 = 'rejected' THEN '{}'::jsonb END, $5, now(), CASE WHEN $4 THEN NULL ELSE now() END,
      CASE WHEN $6 THEN 'x' END, CASE WHEN $6 THEN now() END, CASE WHEN $6 THEN 'x' END)`;
  const STATES = [
    'checking',
    'recording',
    'recorded',
    'rejected',
    'cancelling',
    'cancelled',
    'expanding',
    'expanded',
  ];
  const MAKER = `api_key:${key}`;
  const insert = (state: string, createdBy = MAKER, contest = state) =>
    owner.query(INSERT, [
      tenant,
      newId(),
      state,
      state === 'checking' || state === 'rejected',
      createdBy,
      state.startsWith('cancel'),
      contest,
    ]);
  const rows = async <Row>(text: string) => (await owner.query<Row & Record<string, unknown>>(text)).rows;

  it('keeps a settlement of every state, with its maker where one is known and no approval asked for', async () => {
    for (const state of STATES) await insert(state);
    await insert('recorded', 'the command line', 'by hand');
    expect(await migrate(urls.owner, migrations)).toContain(APPROVAL);
    const found = await rows<{ contest_id: string; state: string }>(
      'SELECT contest_id, state, made_behind, approval_above, approved_by FROM settlements.settlements ORDER BY contest_id',
    );
    const kept = [
      ...STATES.map((state) => ({ contest_id: state, state, made_behind: [key] })),
      { contest_id: 'by hand', state: 'recorded', made_behind: [] },
    ];
    expect(found).toEqual(
      kept
        .map((row) => ({ ...row, approval_above: null, approved_by: null }))
        .sort((a, b) => (a.contest_id < b.contest_id ? -1 : 1)),
    );
  });

  it('lets every one of them go on', async () => {
    for (const [from, to] of [
      ['recorded', 'expanding'],
      ['expanding', 'expanded'],
    ]) {
      await owner.query(
        `UPDATE settlements.settlements SET state = $2 WHERE state = $1 AND contest_id = $1`,
        [from, to],
      );
    }
    await owner.query(
      `UPDATE settlements.settlements SET state = 'recorded', recorded_through = 1, recorded_at = now() WHERE contest_id = 'recording'`,
    );
    expect(
      await rows(
        `SELECT contest_id, state FROM settlements.settlements WHERE contest_id IN ('recorded', 'expanding', 'recording') ORDER BY 1`,
      ),
    ).toEqual([
      { contest_id: 'expanding', state: 'expanded' },
      { contest_id: 'recorded', state: 'expanding' },
      { contest_id: 'recording', state: 'recorded' },
    ]);
  });

  it('takes what a program of before it still writes; nobody is known as its maker, so nobody approves it', async () => {
    await insert('checking', MAKER, 'late');
    const approved = `approved_by = 'x', approved_behind = ARRAY['${newId()}']::uuid[], approved_at = now(), approved_hash = result_hash`;
    const contents = `award_count = 1, awards_minor = 100, recorded_through = 1, recorded_at = now(), result_hash = repeat('a', 64), approval_above = 1`;
    await owner.query(
      `UPDATE settlements.settlements SET state = 'awaiting_approval', ${contents} WHERE contest_id = 'late'`,
    );
    await expect(
      owner.query(
        `UPDATE settlements.settlements SET state = 'recorded', ${approved} WHERE contest_id = 'late'`,
      ),
    ).rejects.toThrow('settlements_four_eyes');
    expect(
      await rows(`SELECT state, made_behind FROM settlements.settlements WHERE contest_id = 'late'`),
    ).toEqual([{ state: 'awaiting_approval', made_behind: [] }]);
  });
});
