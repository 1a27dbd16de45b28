import { alternated } from '../lib/numbers.mjs';
import { pay, UNPACED } from '../lib/paying.mjs';
import { World } from '../lib/world.mjs';

const TRANSFERS = 1_500;
const DELAY_MS = 50;
const SETTINGS = { ...UNPACED, TRANSFER_CONCURRENCY: '16', TRANSFER_BATCH: '50' };

export const bars = { bar: 1.6, goal: 1.9 };

/** Two processes on one account, against one: the provider takes 50 ms for a call. */
export async function run(stage, { runs }) {
  const simulator = await stage.simulator(DELAY_MS);
  const make = async (count) => {
    const world = await World.make(stage, { recipients: TRANSFERS, simulatorUrl: simulator.url });
    const workers = [];
    for (let i = 0; i < count; i += 1)
      workers.push(await world.program('worker', { ...SETTINGS, STRIPE_API_BASE: simulator.url }));
    return { world, workers };
  };
  const [two, one] = [await make(2), await make(1)];
  const paying =
    ({ world, workers }) =>
    async () =>
      (await pay(world, TRANSFERS, workers)).perSecond;
  await paying(two)();
  await paying(one)();
  const result = await alternated(runs, paying(two), paying(one));
  for (const { world, workers } of [two, one]) {
    for (const worker of workers) await worker.stop();
    await world.close();
  }
  await simulator.program.stop();
  return [
    {
      measure: 'workers',
      title: 'two workers, provider delay 50 ms, 16 calls each',
      against: 'one worker',
      unit: 'transfers/s',
      ...bars,
      ...result,
    },
  ];
}
