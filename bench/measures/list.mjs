import { cursorAfter } from '../lib/cursor.mjs';
import { requestsPerSecond } from '../lib/load.mjs';
import { alternated } from '../lib/numbers.mjs';
import { World } from '../lib/world.mjs';

const FINISHED = 1_000_000;
const PAGE = 50;
const DEEP_PAGE = 10_000;
const SECONDS = 3;
const PATH = '/api/v1/transfers';

/** The first page against its bare bytes, and page 10,000 against the first. Nothing is cached. */
export async function run(stage, { runs }) {
  const world = await World.make(stage, { recipients: 1_000 });
  await world.finished(FINISHED);
  const program = await world.program('api', {});
  const bare = stage.start({
    name: 'bare-http',
    args: ['bench/reference/bare-http.mjs'],
    env: { DATABASE_URL: world.database.urls.app, TENANT: world.tenant, POOL_MAX: '1' },
  });
  const { port } = await bare.said((line) => line.ready);
  const headers = { 'X-API-Key': world.apiKey };
  const firstPath = `${PATH}?limit=${PAGE}`;
  const deepPath = `${firstPath}&cursor=${await cursorAfter(world, { table: 'transfers.transfers', path: PATH, skipped: (DEEP_PAGE - 1) * PAGE })}`;
  await bare.ask({ page: await (await fetch(`${program.url}${firstPath}`, { headers })).text() });
  const get = (url, path) => () =>
    requestsPerSecond({ url, seconds: SECONDS, requests: [{ method: 'GET', path, headers }] });
  const [first, deep, bytes] = [
    get(program.url, firstPath),
    get(program.url, deepPath),
    get(`http://127.0.0.1:${port}`, '/page'),
  ];
  for (const warm of [first, deep, bytes]) await warm();
  const list = await alternated(runs, first, bytes);
  const pages = await alternated(runs, deep, first);
  for (const each of [program, bare]) await each.stop();
  await world.close();
  return [
    {
      measure: 'list',
      title: 'GET /transfers, first page of 50, not cached',
      against: 'bare Fastify with the same bytes',
      unit: 'requests/s',
      bar: 0.4,
      goal: 0.7,
      ...list,
      notes: ['the bar is that of a cached page; nothing is cached yet'],
    },
    {
      measure: 'list-deep',
      title: 'GET /transfers, page 10,000 of 1,000,000 rows',
      against: 'its first page',
      unit: 'requests/s',
      bar: 0.7,
      goal: 0.95,
      ...pages,
    },
  ];
}
