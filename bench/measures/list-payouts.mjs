import { cursorAfter } from '../lib/cursor.mjs';
import { requestsPerSecond } from '../lib/load.mjs';
import { alternated } from '../lib/numbers.mjs';
import { PayoutsPair, timesPeer } from '../lib/payouts.mjs';
import { Profile } from '../lib/profile.mjs';

const PAYOUTS = 1_000_000;
const PAGE = 50;
const DEEP_PAGE = 10_000;
const SECONDS = 4;
const PATH = '/api/v1/payouts';

/** A cached page against its bare bytes; and page 10,000 against the first, both read from the database. */
export async function run(stage, { runs, profile: folder }) {
  const profile = new Profile(folder, 'list-payouts');
  const pair = await PayoutsPair.make(stage, profile);
  await pair.world.sql('SELECT bench.payouts($1, $2)', [pair.world.tenant, PAYOUTS]);
  await pair.world.sql('VACUUM ANALYZE payouts.payouts');
  const firstPath = `${PATH}?limit=${PAGE}`;
  await pair.bare.ask({
    page: await (await fetch(`${pair.program.url}${firstPath}`, { headers: pair.headers })).text(),
  });
  const cached = pair.metered('ours', pair.program, (seconds) => pair.get(firstPath, seconds), SECONDS);
  const bytes = pair.metered('bare', pair.bare, (seconds) => pair.barePage(seconds), SECONDS);
  const insert = () => pair.bareInsert(SECONDS);
  for (const warm of [cached, bytes, insert]) await warm();
  const list = await profile.of(pair.world, () => alternated(runs, cached, bytes));
  const peer = await alternated(runs, cached, insert);
  const deep = await alternatedDeep(pair, runs);
  await pair.close();
  return [
    {
      measure: 'list-payouts',
      title: 'GET /payouts, a cached page of 50',
      against: 'bare Fastify with the same bytes',
      unit: 'requests/s',
      bar: 0.4,
      goal: 0.7,
      ...list,
      notes: [pair.note('ours'), pair.note('bare')],
    },
    {
      measure: 'list-payouts-peer',
      title: 'GET /payouts, a cached page, scale: a bare insert of one row',
      against: 'a Django peer, as times its cached pages',
      unit: 'requests/s',
      ...peer,
      bar: 5,
      goal: 10,
      ratio: timesPeer('pages', peer.ratio),
    },
    {
      measure: 'list-payouts-deep',
      title: 'GET /payouts, page 10,000 of 1,000,000 rows, not cached',
      against: 'its first page, not cached',
      unit: 'requests/s',
      bar: 0.7,
      goal: 0.95,
      ...deep,
    },
  ];
}

/**
 * One process with the role `api` and without a Redis caches no pages: every page is read from the database.
 */
async function alternatedDeep({ world, headers }, runs) {
  const program = await world.program('api', {});
  const cursor = await cursorAfter(world, {
    table: 'payouts.payouts',
    path: PATH,
    skipped: (DEEP_PAGE - 1) * PAGE,
  });
  const get = (more) => () =>
    requestsPerSecond({
      url: program.url,
      seconds: SECONDS,
      requests: [{ method: 'GET', path: `${PATH}?limit=${PAGE}${more}`, headers }],
    });
  const [first, deep] = [get(''), get(`&cursor=${cursor}`)];
  for (const warm of [first, deep]) await warm();
  const result = await alternated(runs, deep, first);
  await program.stop();
  return result;
}
