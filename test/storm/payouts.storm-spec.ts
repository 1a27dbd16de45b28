import { readFileSync } from 'node:fs';
import { Redis } from 'ioredis';
import { until } from '../../scripts/lib/processes.cjs';
import {
  Installation,
  type Payee,
  type Program,
  TenantWorld,
  urlOf,
  violations,
} from '../support/installation';
import { CommitCutter } from '../support/installation/commit-cutter';

const SOON_MS = 20_000;
const AT_ONCE = 50;
const BATCH = 5;

interface Payout {
  readonly id: string;
  readonly state: string;
  readonly transfer_id: string | null;
}

let installation: Installation;
let cutter: CommitCutter;
let redis: Redis;
/** Each continues when the one before it was killed. */
let apis: Program[];
/** Stopped until their test. */
let workers: Record<'killed' | 'next' | 'dying' | 'last', Program>;
let tenant: TenantWorld;
let payees: Payee[];

beforeAll(async () => {
  installation = await Installation.start({ redis: true, settings: { LOG_LEVEL: 'debug' } });
  cutter = await CommitCutter.before(installation.urls.app);
  redis = new Redis(String(installation.redis?.url));
  const worker = async (failpoints = ''): Promise<Program> => {
    const started = await installation.program('worker', { failpoints });
    started.pause();
    return started;
  };
  const control = () => installation.program('api', { settings: { DATABASE_URL: cutter.url } });
  const [killed, next, dying, last, ...started] = await Promise.all([
    worker(),
    worker(),
    worker('crash@recorded'),
    worker(),
    control(),
    control(),
    control(),
    control(),
  ]);
  [workers, apis] = [{ killed, next, dying, last }, started];
  tenant = await TenantWorld.given(installation, urlOf(apis[0] as Program));
  payees = await tenant.recipients(BATCH);
});
afterAll(async () => {
  redis.disconnect();
  await installation.close();
  await cutter.close();
});

function api(): Program {
  return apis[0] as Program;
}

async function takenOver(): Promise<void> {
  await api().ended();
  expect(apis.shift()?.signal).toBe('SIGKILL');
  tenant.reach(urlOf(api()));
}

function order(payee: Payee, minor: bigint) {
  return {
    recipient_id: payee.id,
    amount: `${minor / 100n}.${String(minor % 100n).padStart(2, '0')}`,
    currency: 'USD',
  };
}

/** The same request fifty times at once; null for a request without a response. */
function ask(body: object, key: string) {
  return Promise.all(
    Array.from({ length: AT_ONCE }, () =>
      tenant.api.send<{ id: string }>('POST', '/payouts', body, key).catch(() => null),
    ),
  );
}

function payoutsOf(payee: Payee): Promise<Payout[]> {
  return installation.rows<Payout>(
    `SELECT id, state, transfer_id FROM payouts.payouts WHERE tenant_id = $1 AND recipient_id = $2
      ORDER BY id`,
    [tenant.id, payee.id],
  );
}

/**
 * Every repeat gets the same response, and there is one row. Some may get a 409, because the first request is
 * still running.
 */
async function areOne(payee: Payee, body: object, key: string): Promise<void> {
  const responses = (await ask(body, key)).flatMap((response) =>
    response && response.status !== 409 ? [response] : [],
  );
  expect(responses.length).toBeGreaterThan(0);
  expect(responses.filter(({ status }) => status !== 200 && status !== 201)).toEqual([]);
  expect(new Set(responses.map((response) => JSON.stringify(response.body))).size).toBe(1);
  expect((await payoutsOf(payee)).map(({ id }) => id)).toEqual([responses[0]?.body.id]);
}

const isPayout = (statements: string): boolean => statements.includes('INSERT INTO payouts.payouts');

describe(`an api that is killed while ${AT_ONCE} request one payout`, () => {
  it('after its commit has made one, which every repeat returns, also when Redis has lost everything', () =>
    installation.explaining(async () => {
      const [payee] = payees as [Payee];
      const [body, key] = [order(payee, 10_01n), 'killed-after-the-commit'];
      cutter.cutCommitOf(isPayout, () => process.kill(api().pid, 'SIGKILL'));
      expect((await ask(body, key)).filter((response) => response?.status === 201)).toEqual([]);
      await takenOver();
      const [made] = await payoutsOf(payee);
      await areOne(payee, body, key);
      await redis.flushall();
      await areOne(payee, body, key);
      expect(await payoutsOf(payee)).toEqual([made]);
      tenant.dues.push({ payee, minor: 10_01n, currency: 'USD' });
    }));

  it('before its commit, and its session with it, has made none, and the repeats make one', () =>
    installation.explaining(async () => {
      const [payee, key] = [payees[1] as Payee, 'killed-before-the-commit'];
      await killedAtTheLock(payee, 10_02n, key, async () => {
        await installation.rows(
          `SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = current_database()
            AND wait_event_type = 'Lock'`,
        );
      });
      expect(await payoutsOf(payee)).toEqual([]);
      await areOne(payee, order(payee, 10_02n), key);
      tenant.dues.push({ payee, minor: 10_02n, currency: 'USD' });
    }));

  it('with its last message, the commit, on the way has made at most one, which the repeats return', () =>
    installation.explaining(async () => {
      const [payee, key] = [payees[3] as Payee, 'killed-with-the-commit-on-its-way'];
      await killedAtTheLock(payee, 10_03n, key, async () => undefined);
      await until(
        async () => (await waiting()) === 0,
        SOON_MS,
        () => 'its session does not end',
      );
      const made = await payoutsOf(payee);
      expect(made.length).toBeLessThanOrEqual(1);
      await areOne(payee, order(payee, 10_03n), key);
      expect((await payoutsOf(payee)).slice(0, made.length)).toEqual(made);
      tenant.dues.push({ payee, minor: 10_03n, currency: 'USD' });
    }));

  async function killedAtTheLock(
    payee: Payee,
    minor: bigint,
    key: string,
    then: () => Promise<void>,
  ): Promise<void> {
    const responses = await whileLocked('LOCK TABLE payouts.payouts IN SHARE MODE', async () => {
      const requested = ask(order(payee, minor), key);
      await until(
        async () => (await waiting()) > 0,
        SOON_MS,
        () => 'no request waits for the lock',
      );
      await api().kill9();
      await then();
      return requested;
    });
    expect(responses.filter((response) => response !== null)).toEqual([]);
    await takenOver();
  }
});

describe('a worker that is killed', () => {
  it('between handling the events of payouts and its commit has started none, and the next one pays each once', () =>
    installation.explaining(async () => {
      const minorOf = (place: number) => BigInt(20_00 + place);
      const made = await tenant.api.post<{ created: number }>(
        '/payouts/batch',
        { payouts: payees.map((payee, place) => order(payee, minorOf(place))) },
        'handled-and-not-committed',
      );
      expect(made.created).toBe(BATCH);
      tenant.dues.push(...payees.map((payee, place) => ({ payee, minor: minorOf(place), currency: 'USD' })));
      await whileLocked('SELECT FROM payouts.payouts FOR UPDATE', async () => {
        workers.killed.resume();
        await until(
          async () => (await waiting()) > 0,
          SOON_MS,
          () => 'the worker did not come to the payouts',
        );
        await workers.killed.kill9();
      });
      expect(await states()).toEqual({ NEW: BATCH + 3 });
      await leasesPass();
      workers.next.resume();
      await until(
        async () => (await states())['COMPLETED'] === BATCH + 3,
        SOON_MS,
        () => 'not every payout was completed',
      );
      await workers.next.stop();
      expect(await states()).toEqual({ COMPLETED: BATCH + 3 });
    }));

  it('between the end of a transfer and that of its payout leaves it to the next one', () =>
    installation.explaining(async () => {
      const payee = payees[2] as Payee;
      workers.dying.resume();
      const { id } = await tenant.api.post<{ id: string }>(
        '/payouts',
        order(payee, 30_00n),
        'ended-and-not-handled',
      );
      tenant.dues.push({ payee, minor: 30_00n, currency: 'USD' });
      await workers.dying.ended();
      expect(workers.dying.signal).toBe('SIGKILL');
      const [left] = await installation.rows<{ payout: string; transfer: string }>(
        `SELECT p.state AS payout, t.state AS transfer FROM payouts.payouts p JOIN transfers.transfers t
          ON t.id = p.transfer_id WHERE p.id = $1`,
        [id],
      );
      expect(left).toEqual({ payout: 'PROCESSING', transfer: 'completed' });
      await leasesPass();
      workers.last.resume();
      await until(
        async () => !(await states())['PROCESSING'],
        SOON_MS,
        () => 'the payout was not completed',
      );
      expect(await states()).toEqual({ COMPLETED: BATCH + 4 });
    }));

  it('no payee was paid twice, nothing was lost, every event was delivered once, and the ledger agrees', async () => {
    expect(await violations(installation, [tenant])).toEqual([]);
    const odd = await installation.rows(
      `SELECT p.id, p.state, array_agg(e.to_state ORDER BY e.id) AS steps,
              (SELECT count(*) FROM transfers.transfers t WHERE t.origin_id = p.id) AS transfers
         FROM payouts.payouts p LEFT JOIN payouts.payout_events e ON e.payout_id = p.id
        GROUP BY p.tenant_id, p.id HAVING array_agg(e.to_state ORDER BY e.id) <> '{PROCESSING,COMPLETED}'
          OR (SELECT count(*) FROM transfers.transfers t WHERE t.origin_id = p.id) <> 1`,
    );
    expect(odd).toEqual([]);
  });
});

describe('an account number', () => {
  it('is in no log of any process, though the payout of its owner was made, started and ended', () =>
    installation.explaining(async () => {
      const [number, name] = ['DE89370400440532013000', 'Zacharias Unseen'];
      const { id: owner } = await tenant.api.post<{ id: string }>('/recipients', {
        type: 'INDIVIDUAL',
        name,
        country: 'DE',
        account_number: number,
        bank_code: 'COBADEFFXXX',
      });
      const { id } = await tenant.api.post<{ id: string }>(
        '/payouts',
        { recipient_id: owner, amount: '1.00', currency: 'USD', description: `for ${name}` },
        'seen-by-no-one',
      );
      await until(
        async () => (await states())['PROCESSING'] === 1,
        SOON_MS,
        () => 'the payout was not started',
      );
      expect(
        (await tenant.api.send('PATCH', `/payouts/${id}`, { status: 'FAILED', reason: name })).status,
      ).toBe(200);
      expect(
        (await tenant.api.send('PATCH', `/payouts/${id}`, { status: 'COMPLETED', external_id: number }))
          .status,
      ).toBe(409);
      const logs = installation.programs.map(({ logFile }) => readFileSync(logFile, 'utf8'));
      expect(logs.join()).toContain('transfer.called');
      for (const part of [number, '37040044', 'Zacharias'])
        expect(logs.filter((log) => log.includes(part))).toEqual([]);
    }));
});

async function states(): Promise<Record<string, number>> {
  const rows = await installation.rows<{ state: string; n: string }>(
    `SELECT state, count(*) AS n FROM payouts.payouts GROUP BY state`,
  );
  return Object.fromEntries(rows.map(({ state, n }) => [state, Number(n)]));
}

async function waiting(): Promise<number> {
  const [row] = await installation.rows<{ n: string }>(
    `SELECT count(*) AS n FROM pg_stat_activity WHERE datname = current_database()
      AND wait_event_type = 'Lock'`,
  );
  return Number(row?.n);
}

/** Events that a relay had claimed when it was killed are free after two minutes, which have passed. */
async function leasesPass(): Promise<void> {
  await installation.rows(`UPDATE platform.outbox SET available_at = now() WHERE delivered_at IS NULL`);
}

async function whileLocked<T>(lock: string, work: () => Promise<T>): Promise<T> {
  const holder = await installation.admin.connect();
  try {
    await holder.query(`BEGIN; ${lock}`);
    return await work();
  } finally {
    await holder.query('COMMIT');
    holder.release();
  }
}
