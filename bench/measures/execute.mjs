import { alternated, median } from '../lib/numbers.mjs';
import { pay, UNPACED } from '../lib/paying.mjs';
import { Profile } from '../lib/profile.mjs';
import { World } from '../lib/world.mjs';

const TRANSFERS = 10_000;
const CONCURRENCY = '32';
const SETTINGS = { ...UNPACED, TRANSFER_CONCURRENCY: CONCURRENCY, TRANSFER_BATCH: '200' };

export const bars = { bar: 0.3, goal: 0.7 };

/** One worker, every call with its attempt written before and completed after it, entries posted, events delivered. */
export async function run(stage, { runs, profile: folder }) {
  const profile = new Profile(folder, 'execute');
  const simulator = await stage.simulator();
  const world = await World.make(stage, { recipients: TRANSFERS, simulatorUrl: simulator.url });
  const worker = await world.program('worker', {
    ...SETTINGS,
    STRIPE_API_BASE: simulator.url,
    nodeArgs: profile.nodeArgs,
  });
  const loop = stage.start({
    name: 'stripe-loop',
    args: ['bench/reference/stripe-loop.mjs'],
    env: { BASE: simulator.url, SECRET_KEY: world.secretKey, CONCURRENCY, ACCOUNTS: String(TRANSFERS) },
  });
  const details = { workerMicros: [], serverMicros: [], deliveredMs: [], loopMicros: [] };
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
  const result = await profile.of(world, () => alternated(runs, ours, reference));
  for (const program of [worker, loop, simulator.program]) await program.stop();
  await world.close();
  const figure = (name) => Math.round(median(details[name]));
  const notes = [
    `processor time per transfer: worker ${figure('workerMicros')} µs, ` +
      `PostgreSQL ${figure('serverMicros')} µs; the bare loop ${figure('loopMicros')} µs`,
    `the last event was delivered ${figure('deliveredMs')} ms after the last payment`,
  ];
  return [
    {
      measure: 'execute',
      title: 'execute transfers, no delay',
      against: 'a bare stripe-node loop',
      unit: 'transfers/s',
      ...bars,
      ...result,
      notes,
    },
  ];
}
