import { alternated } from '../lib/numbers.mjs';
import { pay, UNPACED } from '../lib/paying.mjs';
import { World } from '../lib/world.mjs';

const FINISHED = 1_000_000;
const TRANSFERS = 5_000;
const SETTINGS = { ...UNPACED, TRANSFER_CONCURRENCY: '64', TRANSFER_BATCH: '200' };

export const bars = { bar: 0.8, goal: 0.95 };

/** The same work with a million finished transfers and their calls in the tables, and with none. */
export async function run(stage, { runs }) {
  const simulator = await stage.simulator();
  const make = async () => {
    const world = await World.make(stage, { recipients: TRANSFERS, simulatorUrl: simulator.url });
    return { world, worker: await world.program('worker', { ...SETTINGS, STRIPE_API_BASE: simulator.url }) };
  };
  const full = await make();
  await full.world.finished(FINISHED);
  const empty = await make();
  const paying =
    ({ world, worker }) =>
    async () =>
      (await pay(world, TRANSFERS, [worker])).perSecond;
  await paying(full)();
  await paying(empty)();
  const result = await alternated(runs, paying(full), paying(empty));
  for (const { world, worker } of [full, empty]) {
    await worker.stop();
    await world.close();
  }
  await simulator.program.stop();
  return [
    {
      measure: 'deep',
      title: 'execute beside 1,000,000 finished transfers',
      against: 'the same with an empty table',
      unit: 'transfers/s',
      ...bars,
      ...result,
    },
  ];
}
