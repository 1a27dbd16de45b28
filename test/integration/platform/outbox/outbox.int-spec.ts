import { DomainError } from '../../../../src/kernel/errors';
import { newId } from '../../../../src/kernel/ids';
import { sql } from '../../../../src/platform/database';
import { insideTransaction } from '../../../../src/platform/database/transaction-scope';
import { until } from '../until';
import { Listener, numbered, OutboxBench } from './outbox-bench';

class ProviderAway extends DomainError {
  readonly code = 'provider_away';
  readonly kind = 'unavailable';
}

describe('the outbox', () => {
  let bench: OutboxBench;
  beforeAll(async () => (bench = await OutboxBench.open()));
  afterEach(() => bench.stop());
  afterAll(() => bench.close());

  it('tells a fact to everybody who wants to hear it, with what it says and when it happened', async () => {
    const [a, tenant] = [bench.process(), bench.database.newTenant()];
    const [one, two, deaf] = [
      new Listener('test.one', ['thing.happened']),
      new Listener('test.two', ['thing.happened', 'other.happened']),
      new Listener('test.deaf', ['never.happened']),
    ];
    [one, two, deaf].forEach((listener) => a.reactions.register(listener));
    a.relay.start();
    await a.publish(tenant, [
      { name: 'thing.happened', payload: { thing_id: 'x', origin: { kind: 'award', id: 'y' } } },
    ]);
    await until(async () => (await bench.pending()) === 0);
    expect(one.told).toEqual([
      {
        id: expect.any(String),
        name: 'thing.happened',
        occurredAt: expect.any(Date),
        payload: { thing_id: 'x', origin: { kind: 'award', id: 'y' } },
      },
    ]);
    expect(two.told).toEqual(one.told);
    expect(deaf.told).toEqual([]);
  });

  it('tells nothing of a transaction that was undone, and gives no hint of it', async () => {
    const [a, tenant] = [bench.process(), bench.database.newTenant()];
    const undone = a.uow.run(tenant, async (tx) => {
      await a.outbox.publish(tx, numbered(3));
      throw new Error('changed my mind');
    });
    await expect(undone).rejects.toThrow('changed my mind');
    expect(a.hints).toBe(0);
    expect(await bench.pending()).toBe(0);
  });

  it('finds what no hint told of, such as the events of a process that died', async () => {
    const [writer, reader, tenant] = [bench.process(), bench.process(), bench.database.newTenant()];
    const listener = new Listener('test.listener', ['thing.happened']);
    reader.reactions.register(listener);
    await writer.publish(tenant, numbered(1));
    expect(reader.hints).toBe(0);
    reader.relay.start();
    await until(() => listener.told.length === 1);
  });

  it('does not lose the event of a slow transaction that took its id before others committed', async () => {
    const [a, tenant] = [bench.process(), bench.database.newTenant()];
    const listener = new Listener('test.listener', ['thing.happened']);
    a.reactions.register(listener);
    a.relay.start();
    let commit: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (commit = resolve));
    const slow = a.uow.run(tenant, async (tx) => {
      await a.outbox.publish(tx, [{ name: 'thing.happened', payload: { n: 'slow' } }]);
      await held;
    });
    await a.publish(tenant, numbered(20));
    await until(() => listener.told.length === 20);
    commit();
    await slow;
    await until(() => listener.numbers().includes('slow'));
  });

  it('tells each event once per consumer, with five relays at work and a list cut short by a crash', async () => {
    const tenants = [bench.database.newTenant(), bench.database.newTenant(), bench.database.newTenant()];
    const processes = Array.from({ length: 5 }, () => bench.process({ listMax: 40 }));
    const listeners = processes.map((p) => {
      const listener = new Listener('test.once', ['thing.happened']);
      p.reactions.register(listener);
      return listener;
    });
    for (const tenant of tenants)
      for (let n = 0; n < 4; n++) await processes[0]?.publish(tenant, numbered(100));
    processes.forEach(({ relay }) => relay.start());
    await until(async () => (await bench.pending()) === 0);
    const ids = listeners.flatMap(({ told }) => told.map(({ id }) => id));
    expect(ids).toHaveLength(1_200);
    expect(new Set(ids).size).toBe(1_200);
    for (const list of listeners.flatMap(({ lists }) => lists)) expect(list.length).toBeLessThanOrEqual(40);
  });

  it('tells again what a relay had claimed and never finished, but not to whom it had told it', async () => {
    const [dead, alive, tenant] = [
      bench.process({ leaseMs: 1 }),
      bench.process(),
      bench.database.newTenant(),
    ];
    const [before, after] = [
      new Listener('test.first', ['thing.happened']),
      new Listener('test.first', ['thing.happened']),
    ];
    const second = new Listener('test.second', ['thing.happened']);
    dead.reactions.register(before);
    // The crash: from the second consumer on, nothing this process does reaches the database.
    dead.reactions.register({
      consumer: 'test.second',
      events: ['thing.happened'],
      prefetch: () => new Promise<void>(() => undefined),
      handle: () => Promise.resolve(),
    });
    alive.reactions.register(after);
    alive.reactions.register(second);
    await dead.publish(tenant, numbered(5));
    dead.relay.start();
    await until(() => before.told.length === 5);
    alive.relay.start();
    await until(async () => (await bench.pending()) === 0);
    expect(after.told).toHaveLength(0);
    expect(second.told).toHaveLength(5);
    bench.processes.splice(bench.processes.indexOf(dead), 1);
    void dead.relay.stop();
  });

  it('tells once what two relays tell at the same time, because the first was slower than its lease', async () => {
    const [slow, second, tenant] = [
      bench.process({ leaseMs: 1 }),
      bench.process(),
      bench.database.newTenant(),
    ];
    let reacting = false;
    let finish: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (finish = resolve));
    const [first, late] = [
      new Listener('test.first', ['thing.happened'], () => ((reacting = true), held)),
      new Listener('test.first', ['thing.happened']),
    ];
    slow.reactions.register(first);
    second.reactions.register(late);
    await slow.publish(tenant, numbered(5));
    slow.relay.start();
    await until(() => reacting);
    second.relay.start();
    await until(async () => (await sessions(`wait_event_type = 'Lock'`)) === 1n);
    finish();
    await until(async () => (await bench.pending()) === 0);
    await bench.stop();
    expect(first.told).toHaveLength(5);
    expect(late.told).toHaveLength(0);
  });

  it('loses no hint, also not one that comes while it looks', async () => {
    // So rarely that what a hint did not tell would not be found while this test runs.
    const [a, tenant] = [bench.process({ pollMs: 600_000 }), bench.database.newTenant()];
    const listener = new Listener('test.listener', ['thing.happened']);
    a.reactions.register(listener);
    a.relay.start();
    for (let n = 1; n <= 100; n++) {
      await a.publish(tenant, numbered(1));
      await until(() => listener.told.length === n);
    }
  });

  it('halves a list that fails down to the one bad event, tells the rest, and parks that one after ten tries', async () => {
    const [a, tenant] = [bench.process(), bench.database.newTenant()];
    let tries = 0;
    const listener = new Listener('test.picky', ['thing.happened'], (_tx, events) => {
      if (!events.some(({ payload }) => payload['n'] === 137)) return;
      if (events.length === 1) tries++;
      throw new Error('137 of ann@example.org is not to my taste');
    });
    const fine = new Listener('test.fine', ['thing.happened']);
    a.reactions.register(listener);
    a.reactions.register(fine);
    await a.publish(tenant, numbered(500));
    a.relay.start();
    await until(async () => (await bench.care().state()).parked === 1);
    expect(tries).toBe(10);
    expect(fine.told).toHaveLength(500);
    expect(new Set(listener.numbers())).toEqual(
      new Set(Array.from({ length: 500 }, (_, n) => n).filter((n) => n !== 137)),
    );
    await until(async () => (await bench.pending()) === 0);
    expect(a.log.said('outbox.event_parked')).toMatchObject([
      { level: 'error', consumer: 'test.picky', tenantId: tenant },
    ]);
    expect(await a.metrics.registry.metrics()).toContain(
      'disburse_outbox_parked_total{consumer="test.picky"} 1',
    );
    const parked = await a.uow.run(tenant, (tx) => bench.parked().list(tx, 10));
    expect(parked).toMatchObject([
      {
        name: 'thing.happened',
        consumer: 'test.picky',
        tries: 10,
        error: 'Error: 137 of [e-mail] is not to my taste',
      },
    ]);
  });

  it('does not let a bad event hold up those that come after it', async () => {
    const [a, tenant] = [bench.process({ triesMax: 1_000_000 }), bench.database.newTenant()];
    const listener = new Listener('test.listener', ['thing.happened'], (_tx, events) => {
      if (events.some(({ payload }) => payload['n'] === 'bad')) throw new Error('bad');
    });
    a.reactions.register(listener);
    a.relay.start();
    await a.publish(tenant, [{ name: 'thing.happened', payload: { n: 'bad' } }]);
    for (let n = 0; n < 20; n++) {
      await a.publish(tenant, [{ name: 'thing.happened', payload: { n } }]);
      await until(() => listener.numbers().includes(n));
    }
    await bench.stop();
    expect(await bench.pending()).toBe(1);
    await retire(tenant);
  });

  it('does not lose a parked event that is released while the rest of its list is still being told', async () => {
    const [a, tenant] = [bench.process({ triesMax: 1 }), bench.database.newTenant()];
    let [broken, finish] = [true, (): void => undefined];
    const held = new Promise<void>((resolve) => (finish = resolve));
    const mended = new Listener('test.a-mended', ['thing.happened'], () => {
      if (broken) throw new Error('not yet');
    });
    a.reactions.register(mended);
    a.reactions.register(new Listener('test.b-slow', ['thing.happened'], () => held));
    await a.publish(tenant, numbered(1));
    a.relay.start();
    await until(async () => (await a.uow.run(tenant, (tx) => bench.parked().list(tx, 1))).length === 1);
    broken = false;
    await a.uow.run(tenant, async (tx) => {
      const [parked] = await bench.parked().list(tx, 1);
      await bench.parked().release(tx, 'test.a-mended', [parked?.event_id as string]);
    });
    finish();
    await until(() => mended.told.length === 1);
  });

  it('tells a parked event again when an operator releases it, and only to the consumer that had failed', async () => {
    const [a, tenant] = [bench.process({ triesMax: 2 }), bench.database.newTenant()];
    let broken = true;
    const failing = new Listener('test.mended', ['thing.happened'], () => {
      if (broken) throw new Error('not yet');
    });
    const fine = new Listener('test.other', ['thing.happened']);
    a.reactions.register(failing);
    a.reactions.register(fine);
    await a.publish(tenant, numbered(1));
    a.relay.start();
    await until(async () => (await a.uow.run(tenant, (tx) => bench.parked().list(tx, 1))).length === 1);
    broken = false;
    const [parked] = await a.uow.run(tenant, (tx) => bench.parked().list(tx, 1));
    const released = await a.uow.run(tenant, (tx) =>
      bench.parked().release(tx, 'test.mended', [parked?.event_id as string]),
    );
    expect(released).toBe(1);
    await until(() => failing.told.length === 1);
    await until(async () => (await bench.pending()) === 0);
    expect(fine.told).toHaveLength(1);
  });

  it('waits without counting tries while what a consumer needs is away', async () => {
    const [a, tenant] = [bench.process({ triesMax: 3 }), bench.database.newTenant()];
    let asked = 0;
    const done: number[] = [];
    a.reactions.register({
      consumer: 'test.needy',
      events: ['thing.happened'],
      prefetch: () => (++asked <= 20 ? Promise.reject(new ProviderAway('not at home')) : Promise.resolve()),
      handle: (_tx, events) => Promise.resolve(void done.push(events.length)),
    });
    await a.publish(tenant, numbered(64));
    a.relay.start();
    await until(() => done.length === 1);
    // Not halved either: one question per round.
    expect(asked).toBe(21);
    expect(done).toEqual([64]);
    expect(a.log.said('outbox.event_parked')).toEqual([]);
  });

  it('prepares outside any transaction, hands over what was prepared, and reacts inside one of the tenant', async () => {
    const [a, tenant] = [bench.process(), bench.database.newTenant()];
    const seen: unknown[] = [];
    a.reactions.register({
      consumer: 'test.preparing',
      events: ['thing.happened'],
      prefetch: (of, events) => Promise.resolve({ of, read: events.length, inside: insideTransaction() }),
      handle: (tx, events, prepared) =>
        Promise.resolve(
          void seen.push({
            prepared,
            got: events.length,
            inside: insideTransaction(),
            tenant: a.uow.tenantOf(tx),
          }),
        ),
    });
    a.relay.start();
    await a.publish(tenant, numbered(3));
    await until(() => seen.length === 1);
    expect(seen).toEqual([
      { prepared: { of: tenant, read: 3, inside: false }, got: 3, inside: true, tenant },
    ]);
  });

  it('undoes the claim together with the reaction that failed', async () => {
    const [a, tenant] = [bench.process(), bench.database.newTenant()];
    let tries = 0;
    const listener = new Listener('test.retrying', ['thing.happened'], async (tx) => {
      await a.outbox.publish(tx, [{ name: 'echo.happened', payload: {} }]);
      if (++tries < 3) throw new Error('once more');
    });
    const echo = new Listener('test.echo', ['echo.happened']);
    a.reactions.register(listener);
    a.reactions.register(echo);
    await a.publish(tenant, numbered(1));
    a.relay.start();
    await until(() => echo.told.length > 0);
    await until(async () => (await bench.pending()) === 0);
    expect(listener.told).toHaveLength(1);
    expect(echo.told).toHaveLength(1);
  });

  it('is done at once with facts that nobody hears', async () => {
    const [a, tenant] = [bench.process(), bench.database.newTenant()];
    const listener = new Listener('test.listener', ['thing.happened']);
    a.reactions.register(listener);
    await a.publish(tenant, [...numbered(1_200, 'nobody.listens'), ...numbered(1)]);
    a.relay.start();
    await until(async () => (await bench.pending()) === 0);
    expect(listener.told).toHaveLength(1);
  });

  it('lets go of its lists when it stops', async () => {
    const [a, tenant] = [bench.process({ listMax: 1 }), bench.database.newTenant()];
    let finish: () => void = () => undefined;
    const running = new Promise<void>((resolve) => (finish = resolve));
    const listener = new Listener('test.slow', ['thing.happened'], () => running);
    a.reactions.register(listener);
    await a.publish(tenant, numbered(3));
    a.relay.start();
    await until(
      async () =>
        (
          await bench.database.system.query<{ n: bigint }[]>(
            `SELECT count(*) AS n FROM platform.outbox WHERE available_at > now()
              AND tenant_id = '${tenant}'`,
          )
        )[0]?.n === 1n,
    );
    const stopped = a.relay.stop();
    finish();
    await stopped;
    expect(listener.told).toHaveLength(1);
    expect(await bench.pending()).toBe(2);
    await retire(tenant);
  });

  it('purges what was told long ago together with its claims, and keeps what is parked', async () => {
    const [a, tenant] = [bench.process({ triesMax: 1 }), bench.database.newTenant()];
    a.reactions.register(
      new Listener('test.purged', ['thing.happened'], (_tx, events) => {
        if (events.some(({ payload }) => payload['n'] === 3)) throw new Error('three');
      }),
    );
    await a.publish(tenant, numbered(10));
    a.relay.start();
    await until(async () => (await bench.pending()) === 0);
    expect((await bench.care().purge()).done).toBe(0);
    await bench.care().purge(0);
    const left = await a.uow.run(tenant, (tx) => bench.parked().list(tx, 10));
    expect(left).toHaveLength(1);
    const count = async (table: string) =>
      (
        await bench.database.system.query<{ n: bigint }[]>(
          `SELECT count(*) AS n FROM platform.${table} WHERE tenant_id = '${tenant}'`,
        )
      )[0]?.n;
    expect(await count('outbox')).toBe(1n);
    expect(await count('inbox')).toBe(0n);
  });

  it('keeps what is written from the login that finds it: no payload, no other tenant', async () => {
    const [a, tenant] = [bench.process(), bench.database.newTenant()];
    await a.publish(tenant, numbered(1));
    await expect(bench.database.system.query('SELECT payload FROM platform.outbox')).rejects.toThrow(
      'permission denied',
    );
    await expect(bench.database.system.query(`UPDATE platform.outbox SET payload = '{}'`)).rejects.toThrow(
      'permission denied',
    );
    await expect(
      bench.database.system.query(
        `INSERT INTO platform.outbox (tenant_id, id, name, payload)
          VALUES ('${tenant}', '${newId()}', 'a.b', '{}')`,
      ),
    ).rejects.toThrow('permission denied');
    const rows = { text: 'SELECT payload FROM platform.outbox', values: [] };
    expect(await a.uow.run(tenant, (tx) => sql(tx).rows(rows))).toHaveLength(1);
    expect(await a.uow.run(bench.database.newTenant(), (tx) => sql(tx).rows(rows))).toEqual([]);
    await retire(tenant);
  });

  it('refuses two reactions under one name', () => {
    const a = bench.process();
    a.reactions.register(new Listener('test.same', ['thing.happened']));
    expect(() => a.reactions.register(new Listener('test.same', ['other.happened']))).toThrow(
      'registered twice',
    );
  });

  async function sessions(where: string): Promise<bigint | undefined> {
    const rows = await bench.database.app.query<{ n: bigint }[]>(
      `SELECT count(*) AS n FROM pg_stat_activity WHERE datname = current_database()
        AND usename = current_user AND ${where}`,
    );
    return rows[0]?.n;
  }

  async function retire(tenant: string): Promise<void> {
    await bench.database.system.query(
      `UPDATE platform.outbox SET delivered_at = now() WHERE tenant_id = '${tenant}'`,
    );
  }
});
