import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { alternated, median } from '../lib/numbers.mjs';
import { pay, UNPACED } from '../lib/paying.mjs';
import { World } from '../lib/world.mjs';

const TRANSFERS = 10_000;
const CONCURRENCY = '32';
const SETTINGS = { ...UNPACED, TRANSFER_CONCURRENCY: CONCURRENCY, TRANSFER_BATCH: '200' };

const STATEMENTS = `
  SELECT calls::int, plans::int, total_exec_time::int AS ms, total_plan_time::int AS plan_ms, rows::int, (total_exec_time * 1000 / greatest(calls, 1))::int AS micros_per_call, left(regexp_replace(query, '\\s+', ' ', 'g'), 200) AS query
    FROM pg_stat_statements ORDER BY total_exec_time DESC LIMIT 40`;

export const bars = { bar: 0.3, goal: 0.7 };

/** One worker, every call with its attempt written before and closed after it, entries posted, facts told. */
export async function run(stage, { runs, profile }) {
  const simulator = await stage.simulator();
  const world = await World.make(stage, { recipients: TRANSFERS, simulatorUrl: simulator.url });
  const nodeArgs = profile ? ['--cpu-prof', `--cpu-prof-dir=${profile}`] : [];
  const worker = await world.program('worker', { ...SETTINGS, STRIPE_API_BASE: simulator.url, nodeArgs });
  const loop = stage.start({
    name: 'stripe-loop', args: ['bench/reference/stripe-loop.mjs'],
    env: { BASE: simulator.url, SECRET_KEY: world.secretKey, CONCURRENCY, ACCOUNTS: String(TRANSFERS) },
  });
  const details = { workerMicros: [], serverMicros: [], toldMs: [], loopMicros: [] };
  const ours = async () => {
    const { perSecond, ...rest } = await pay(world, TRANSFERS, [worker]);
    for (const [name, value] of Object.entries(rest)) details[name].push(value);
    return perSecond;
  };
  const reference = async () => {
    const { seconds, cpuSeconds } = await loop.ask({ count: TRANSFERS });
    details.loopMicros.push((cpuSeconds * 1e6) / TRANSFERS);
    return TRANSFERS / seconds;
  };
  await ours();
  await reference();
  if (profile) await world.sql('SELECT pg_stat_statements_reset()');
  const result = await alternated(runs, ours, reference);
  if (profile) writeFileSync(join(profile, 'statements.json'), JSON.stringify(await world.sql(STATEMENTS), null, 2));
  for (const program of [worker, loop, simulator.program]) await program.stop();
  await world.close();
  const figure = (name) => Math.round(median(details[name]));
  const notes = [
    `processor time per transfer: worker ${figure('workerMicros')} µs, PostgreSQL ${figure('serverMicros')} µs; the bare loop ${figure('loopMicros')} µs`,
    `the last fact was told ${figure('toldMs')} ms after the last payment`,
  ];
  return [{ measure: 'execute', title: 'execute transfers, no delay', against: 'a bare stripe-node loop', unit: 'transfers/s', ...bars, ...result, notes }];
}
