import { alternated } from '../lib/numbers.mjs';
import { Profile } from '../lib/profile.mjs';
import { World } from '../lib/world.mjs';
import { insertSelect } from '../reference/insert-select.mjs';

const AWARDS = 100_000;

export const bars = { bar: 0.25, goal: 0.5 };

/**
 * From the request to expand until its response: transfers, their reservation in the ledger, and the progress of
 * the job, in chunks.
 */
export async function run(stage, { runs, profile: folder }) {
  const profile = new Profile(folder, 'expand');
  const world = await World.make(stage, { recipients: AWARDS });
  const program = await world.program('api,scheduler', {
    SETTLEMENT_EXPAND_EVERY_MS: '86400000',
    nodeArgs: profile.nodeArgs,
  });
  const ours = async () => {
    const settlement = await world.settlement(AWARDS);
    await prepare(world);
    const seconds = await expandAll(world, program);
    const [{ count }] = await world.sql(
      'SELECT count(*)::int AS count FROM transfers.transfers WHERE settlement_id = $1',
      [settlement],
    );
    if (count !== AWARDS) throw new Error(`${count} of ${AWARDS} transfers were made`);
    return AWARDS / seconds;
  };
  const reference = async () => {
    // Not for the scheduler.
    const settlement = await world.settlement(AWARDS);
    await world.sql(`UPDATE settlements.settlements SET state = 'expanded' WHERE id = $1`, [settlement]);
    await prepare(world);
    const { seconds } = await insertSelect(world.database.urls.app, {
      tenant: world.tenant,
      settlement,
      railAccount: world.railAccount,
      job: settlement,
    });
    return AWARDS / seconds;
  };
  await ours();
  const result = await profile.of(world, () => alternated(runs, ours, reference));
  await program.stop();
  await world.close();
  return [
    {
      measure: 'expand',
      title: 'expand a settlement of 100,000 awards, ledger included',
      against: 'one bare INSERT … SELECT',
      unit: 'transfers/s',
      ...bars,
      ...result,
    },
  ];
}

async function prepare(world) {
  await world.sql('ANALYZE settlements.awards, ledger.accounts');
  await world.stage.checkpoint();
}

async function expandAll(world, program) {
  const started = performance.now();
  const response = await fetch(`${program.url}/api/v1/operations/scheduler/run`, {
    method: 'POST',
    headers: { 'X-API-Key': world.apiKey, 'Content-Type': 'application/json' },
    body: JSON.stringify({ jobs: ['expand-settlements'] }),
  });
  const report = await response.text();
  if (!response.ok || !report.includes('"done":1'))
    throw new Error(`expanding returned ${response.status} ${report}`);
  return (performance.now() - started) / 1000;
}
