import { randomInt, randomUUID } from 'node:crypto';
import { requestsPerSecond } from '../lib/load.mjs';
import { alternated } from '../lib/numbers.mjs';
import { World } from '../lib/world.mjs';

export const RECIPIENTS = 10_000;
const AWARDS = 10;
const SECONDS = 4;
const POOL = '10';

export const bars = { bar: 0.5, goal: 0.8 };

/**
 * Key, validation, checks, idempotency, ledger entry and outbox, against the same rows in one bare statement.
 */
export async function run(stage, { runs }) {
  const world = await World.make(stage, { recipients: RECIPIENTS });
  const program = await world.program('api', { DATABASE_POOL_MAX: POOL });
  const bare = stage.start({
    name: 'bare-http',
    args: ['bench/reference/bare-http.mjs'],
    env: { DATABASE_URL: world.database.urls.app, TENANT: world.tenant, POOL_MAX: POOL },
  });
  const { port } = await bare.said((line) => line.ready);
  const load = (url, path, seconds) =>
    requestsPerSecond({
      url,
      seconds,
      requests: [
        { method: 'POST', path, setupRequest: (request) => ({ ...request, ...newSettlement(world.apiKey) }) },
      ],
    });
  const ours = (seconds = SECONDS) => load(program.url, '/api/v1/settlements', seconds);
  const reference = (seconds = SECONDS) => load(`http://127.0.0.1:${port}`, '/settlements', seconds);
  await ours();
  await reference();
  await stage.checkpoint();
  const result = await alternated(
    runs,
    () => ours(),
    () => reference(),
  );
  for (const each of [program, bare]) await each.stop();
  await world.close();
  return [
    {
      measure: 'create',
      title: 'POST /settlements with 10 awards, 50 connections',
      against: 'bare Fastify + pg, one statement',
      unit: 'requests/s',
      ...bars,
      ...result,
    },
  ];
}

/**
 * Ten different recipients each time, in the order of their names: otherwise two bare statements would deadlock.
 */
export function newSettlement(apiKey) {
  const first = randomInt(1, RECIPIENTS - AWARDS);
  const awards = Array.from({ length: AWARDS }, (_, n) => ({
    external_id: `user-${first + n}`,
    amount: '10.00',
    rank: n + 1,
  }));
  return {
    headers: { 'X-API-Key': apiKey, 'Content-Type': 'application/json', 'Idempotency-Key': randomUUID() },
    body: JSON.stringify({ contest_id: randomUUID(), currency: 'USD', pool: `${AWARDS * 10}.00`, awards }),
  };
}
