import privateRedis from '../../scripts/lib/private-redis.cjs';
import { requestsPerSecond } from '../lib/load.mjs';
import { alternated } from '../lib/numbers.mjs';
import { newId, World } from '../lib/world.mjs';
import { newSettlement, RECIPIENTS } from './create.mjs';

const FINISHED = 10_000;
const PAGE = 50;
const SECONDS = 4;

export const bars = { bar: 0.9, goal: 0.95 };

/**
 * The cost of authentication, tenant look-up, access epoch and rate limits, compared with the same program without
 * them.
 */
export async function run(stage, { runs }) {
  const redis = await privateRedis.startPrivateRedis();
  const world = await World.make(stage, { recipients: RECIPIENTS });
  await world.finished(FINISHED);
  const shared = { REDIS_URL: redis.url };
  const ours = await world.program('api', shared);
  const without = await world.program('api', {
    ...shared,
    nodeArgs: ['--require', './bench/reference/without-access.cjs'],
    TENANT: world.tenant,
    KEY: newId(),
  });
  await responses(ours, 401);
  await responses(without, 200);
  const create =
    ({ url }) =>
    () =>
      requestsPerSecond({
        url,
        seconds: SECONDS,
        requests: [
          {
            method: 'POST',
            path: '/api/v1/settlements',
            setupRequest: (request) => ({ ...request, ...newSettlement(world.apiKey) }),
          },
        ],
      });
  const list =
    ({ url }) =>
    () =>
      requestsPerSecond({
        url,
        seconds: SECONDS,
        requests: [
          { method: 'GET', path: `/api/v1/transfers?limit=${PAGE}`, headers: { 'X-API-Key': world.apiKey } },
        ],
      });
  const rows = [];
  for (const [name, title, load] of [
    ['create', 'POST /settlements with 10 awards', create],
    ['list', 'GET /transfers, first page of 50', list],
  ]) {
    await load(ours)();
    await load(without)();
    await stage.checkpoint();
    const result = await alternated(runs, load(ours), load(without));
    rows.push({
      measure: `access-${name}`,
      title: `${title}, key, tenant, epoch and limits by Redis`,
      against: 'the same program without them',
      unit: 'requests/s',
      ...bars,
      ...result,
    });
  }
  for (const program of [ours, without]) await program.stop();
  await world.close();
  await redis.stop();
  return rows;
}

/** Checks the response without a key: a reference that needs one would make our ratio too good. */
async function responses({ url }, expected) {
  const { status } = await fetch(`${url}/api/v1/transfers`);
  if (status !== expected) throw new Error(`${url} returns ${status} without a key, not ${expected}`);
}
