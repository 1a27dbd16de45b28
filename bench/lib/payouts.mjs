import { randomInt, randomUUID } from 'node:crypto';
import privateRedis from '../../scripts/lib/private-redis.cjs';
import { requestsPerSecond } from './load.mjs';
import { median } from './numbers.mjs';
import { World } from './world.mjs';

export const RECIPIENTS = 10_000;
const POOL = '10';
/** Limits are counted as in production, and none is reached. */
const UNLIMITED = {
  API_KEY_RATE_PER_SECOND: '1000000',
  API_KEY_BURST: '1000000',
  TENANT_RATE_PER_SECOND: '1000000',
  TENANT_BURST: '1000000',
};

/**
 * Results of Django with REST framework and Celery on a machine with this rate of the bare insert below. The rate
 * of the insert here scales them to this machine. Only ratios of one machine are compared.
 */
const PEER = { inserts: 9_400, creates: 470, pages: 3_300 };

export function timesPeer(what, ratioToInserts) {
  return (ratioToInserts * PEER.inserts) / PEER[what];
}

/** The program with a Redis of its own, beside the bare Fastify + pg, on one database. */
export class PayoutsPair {
  static async make(stage, { nodeArgs = [] } = {}) {
    const redis = await privateRedis.startPrivateRedis();
    const world = await World.make(stage, { recipients: RECIPIENTS });
    const program = await world.program('api', {
      REDIS_URL: redis.url,
      DATABASE_POOL_MAX: POOL,
      ...UNLIMITED,
      nodeArgs,
    });
    const bare = stage.start({
      name: 'bare-payout',
      args: ['bench/reference/bare-payout.mjs'],
      env: { DATABASE_URL: world.database.urls.app, TENANT: world.tenant, POOL_MAX: POOL },
    });
    const { port } = await bare.said((line) => line.ready);
    const people = (
      await world.sql('SELECT id FROM recipients.recipients WHERE tenant_id = $1', [world.tenant])
    ).map(({ id }) => id);
    return Object.assign(new PayoutsPair(), {
      stage,
      redis,
      world,
      program,
      bare,
      bareUrl: `http://127.0.0.1:${port}`,
      people,
      micros: {},
    });
  }

  get headers() {
    return { 'X-API-Key': this.world.apiKey };
  }

  create(seconds) {
    return this.#post(this.program.url, '/api/v1/payouts', seconds);
  }

  bareCreate(seconds) {
    return this.#post(this.bareUrl, '/payouts', seconds);
  }

  bareInsert(seconds) {
    return this.#post(this.bareUrl, '/rows', seconds);
  }

  get(path, seconds) {
    return requestsPerSecond({
      url: this.program.url,
      seconds,
      requests: [{ method: 'GET', path, headers: this.headers }],
    });
  }

  barePage(seconds) {
    return requestsPerSecond({
      url: this.bareUrl,
      seconds,
      requests: [{ method: 'GET', path: '/page', headers: this.headers }],
    });
  }

  /**
   * As `load`, and keeps what each request cost: processor time says something even where others use the
   * machine.
   */
  metered(name, program, load, seconds) {
    const micros = (this.micros[name] ??= { program: [], server: [] });
    return async () => {
      const before = { program: program.cpuSeconds(), server: this.stage.serverCpuSeconds() };
      const perSecond = await load(seconds);
      const each = (now, then) => ((now - then) * 1e6) / (perSecond * seconds);
      micros.program.push(each(program.cpuSeconds(), before.program));
      micros.server.push(each(this.stage.serverCpuSeconds(), before.server));
      return perSecond;
    };
  }

  /** Of the runs after the first, which warms. */
  note(name) {
    const figure = (part) => Math.round(median(this.micros[name][part].slice(1)));
    return `processor time per request, ${name}: program ${figure('program')} µs, PostgreSQL ${figure('server')} µs`;
  }

  async close() {
    for (const each of [this.program, this.bare]) await each.stop();
    await this.world.close();
    await this.redis.stop();
  }

  #post(url, path, seconds) {
    return requestsPerSecond({
      url,
      seconds,
      requests: [{ method: 'POST', path, setupRequest: (request) => ({ ...request, ...this.#newPayout() }) }],
    });
  }

  #newPayout() {
    return {
      headers: { ...this.headers, 'Content-Type': 'application/json', 'Idempotency-Key': randomUUID() },
      body: JSON.stringify({
        recipient_id: this.people[randomInt(this.people.length)],
        amount: '100.50',
        currency: 'USD',
      }),
    };
  }
}
