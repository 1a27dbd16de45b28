import { newId } from '../../../../src/kernel/ids';
import { sql } from '../../../../src/platform/database';
import { insideTransaction } from '../../../../src/platform/database/transaction-scope';
import { until } from '../until';
import { anyEvent, numbered, OutboxBench, RecordingHandler } from './outbox-bench';

describe('the outbox', () => {
  let bench: OutboxBench;
  beforeAll(async () => (bench = await OutboxBench.open()));
  afterEach(() => bench.stop());
  afterAll(() => bench.close());

  it('delivers an event to every handler that subscribes to it, with its payload and its time', async () => {
    const [a, tenant] = [bench.process(), bench.database.newTenant()];
    const [one, two, unrelated] = [
      new RecordingHandler('test.one', ['thing.happened']),
      new RecordingHandler('test.two', ['thing.happened', 'other.happened']),
      new RecordingHandler('test.unrelated', ['never.happened']),
    ];
    [one, two, unrelated].forEach((listener) => a.handlers.register(listener));
    a.relay.start();
    await a.publish(tenant, [
      { name: 'thing.happened', payload: { thing_id: 'x', origin: { kind: 'award', id: 'y' } } },
    ]);
    await until(async () => (await bench.pending()) === 0);
    expect(one.received).toEqual([
      {
        id: expect.any(String),
        name: 'thing.happened',
        occurredAt: expect.any(Date),
        payload: { thing_id: 'x', origin: { kind: 'award', id: 'y' } },
      },
    ]);
    expect(two.received).toEqual(one.received);
    expect(unrelated.received).toEqual([]);
  });

  it('delivers nothing of a transaction that was rolled back, and sends no hint', async () => {
    const [a, tenant] = [bench.process(), bench.database.newTenant()];
    const undone = a.uow.run(tenant, async (tx) => {
      await a.outbox.publish(tx, numbered(3));
      throw new Error('rolled back');
    });
    await expect(undone).rejects.toThrow('rolled back');
    expect(a.hints).toBe(0);
    expect(await bench.pending()).toBe(0);
  });

  it('finds events without a hint, such as those of a process that died', async () => {
    const [writer, reader, tenant] = [bench.process(), bench.process(), bench.database.newTenant()];
    const listener = new RecordingHandler('test.listener', ['thing.happened']);
    reader.handlers.register(listener);
    await writer.publish(tenant, numbered(1));
    expect(reader.hints).toBe(0);
    reader.relay.start();
    await until(() => listener.received.length === 1);
  });

  it('does not lose the event of a slow transaction that took its id before others committed', async () => {
    const [a, tenant] = [bench.process(), bench.database.newTenant()];
    const listener = new RecordingHandler('test.listener', ['thing.happened']);
    a.handlers.register(listener);
    a.relay.start();
    let commit: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (commit = resolve));
    const slow = a.uow.run(tenant, async (tx) => {
      await a.outbox.publish(tx, [{ name: 'thing.happened', payload: { n: 'slow' } }]);
      await held;
    });
    await a.publish(tenant, numbered(20));
    await until(() => listener.received.length === 20);
    commit();
    await slow;
    await until(() => listener.numbers().includes('slow'));
  });

  it('delivers each event once per consumer, with five relays at work', async () => {
    const tenants = [bench.database.newTenant(), bench.database.newTenant(), bench.database.newTenant()];
    const processes = Array.from({ length: 5 }, () => bench.process({ batchMax: 40 }));
    const listeners = processes.map((p) => {
      const listener = new RecordingHandler('test.once', ['thing.happened']);
      p.handlers.register(listener);
      return listener;
    });
    for (const tenant of tenants)
      for (let n = 0; n < 4; n++) await processes[0]?.publish(tenant, numbered(100));
    processes.forEach(({ relay }) => relay.start());
    await until(async () => (await bench.pending()) === 0);
    const ids = listeners.flatMap(({ received }) => received.map(({ id }) => id));
    expect(ids).toHaveLength(1_200);
    expect(new Set(ids).size).toBe(1_200);
    for (const list of listeners.flatMap(({ batches }) => batches))
      expect(list.length).toBeLessThanOrEqual(40);
  });

  it('delivers again what a dead relay had claimed, but not to the consumer that already had it', async () => {
    const [dead, alive, tenant] = [
      bench.process({ leaseMs: 1 }),
      bench.process(),
      bench.database.newTenant(),
    ];
    const [before, after] = [
      new RecordingHandler('test.first', ['thing.happened']),
      new RecordingHandler('test.first', ['thing.happened']),
    ];
    const second = new RecordingHandler('test.second', ['thing.happened']);
    dead.handlers.register(before);
    // The process hangs in its second handler, as if it had crashed.
    dead.handlers.register({
      consumer: 'test.second',
      events: [anyEvent('thing.happened')],
      prefetch: () => new Promise<void>(() => undefined),
      handle: () => Promise.resolve(),
    });
    alive.handlers.register(after);
    alive.handlers.register(second);
    await dead.publish(tenant, numbered(5));
    dead.relay.start();
    await until(() => before.received.length === 5);
    alive.relay.start();
    await until(async () => (await bench.pending()) === 0);
    expect(after.received).toHaveLength(0);
    expect(second.received).toHaveLength(5);
    bench.processes.splice(bench.processes.indexOf(dead), 1);
    void dead.relay.stop();
  });

  it('has one effect when two relays deliver the same batch, because the first was slower than its lease', async () => {
    const [slow, second, tenant] = [
      bench.process({ leaseMs: 1 }),
      bench.process(),
      bench.database.newTenant(),
    ];
    let handling = false;
    let finish: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (finish = resolve));
    const [first, late] = [
      new RecordingHandler('test.first', ['thing.happened'], () => ((handling = true), held)),
      new RecordingHandler('test.first', ['thing.happened']),
    ];
    slow.handlers.register(first);
    second.handlers.register(late);
    await slow.publish(tenant, numbered(5));
    slow.relay.start();
    await until(() => handling);
    second.relay.start();
    await until(async () => (await sessions(`wait_event_type = 'Lock'`)) === 1n);
    finish();
    await until(async () => (await bench.pending()) === 0);
    await bench.stop();
    expect(first.received).toHaveLength(5);
    expect(late.received).toHaveLength(0);
  });

  it('loses no hint, even one that comes while it claims', async () => {
    // Polls too rarely to find, while this test runs, an event whose hint was lost.
    const [a, tenant] = [bench.process({ pollMs: 600_000 }), bench.database.newTenant()];
    const listener = new RecordingHandler('test.listener', ['thing.happened']);
    a.handlers.register(listener);
    a.relay.start();
    for (let n = 1; n <= 100; n++) {
      await a.publish(tenant, numbered(1));
      await until(() => listener.received.length === n);
    }
  });

  it('runs prefetch outside any transaction and passes its result to handle, inside one of the tenant', async () => {
    const [a, tenant] = [bench.process(), bench.database.newTenant()];
    const seen: unknown[] = [];
    a.handlers.register({
      consumer: 'test.prefetching',
      events: [anyEvent('thing.happened')],
      prefetch: (of, events) => Promise.resolve({ of, read: events.length, inside: insideTransaction() }),
      handle: (tx, events, prefetched) =>
        Promise.resolve(
          void seen.push({
            prefetched,
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
      { prefetched: { of: tenant, read: 3, inside: false }, got: 3, inside: true, tenant },
    ]);
  });

  it('rolls back the claim together with the handler that failed', async () => {
    const [a, tenant] = [bench.process(), bench.database.newTenant()];
    let tries = 0;
    const listener = new RecordingHandler('test.retrying', ['thing.happened'], async (tx) => {
      await a.outbox.publish(tx, [{ name: 'echo.happened', payload: {} }]);
      if (++tries < 3) throw new Error('once more');
    });
    const echo = new RecordingHandler('test.echo', ['echo.happened']);
    a.handlers.register(listener);
    a.handlers.register(echo);
    await a.publish(tenant, numbered(1));
    a.relay.start();
    await until(() => echo.received.length > 0);
    await until(async () => (await bench.pending()) === 0);
    expect(listener.received).toHaveLength(1);
    expect(echo.received).toHaveLength(1);
  });

  it('marks events without a handler as delivered at once', async () => {
    const [a, tenant] = [bench.process(), bench.database.newTenant()];
    const listener = new RecordingHandler('test.listener', ['thing.happened']);
    a.handlers.register(listener);
    await a.publish(tenant, [...numbered(1_200, 'nobody.listens'), ...numbered(1)]);
    a.relay.start();
    await until(async () => (await bench.pending()) === 0);
    expect(listener.received).toHaveLength(1);
  });

  it('finishes the batches in progress when it stops, and claims no other', async () => {
    const [a, tenant] = [bench.process({ batchMax: 1 }), bench.database.newTenant()];
    let finish: () => void = () => undefined;
    const running = new Promise<void>((resolve) => (finish = resolve));
    const listener = new RecordingHandler('test.slow', ['thing.happened'], () => running);
    a.handlers.register(listener);
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
    expect(listener.received).toHaveLength(1);
    expect(await bench.pending()).toBe(2);
    await bench.retire(tenant);
  });

  it('hides payloads from the login that claims across tenants, and the rows of other tenants', async () => {
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
    await bench.retire(tenant);
  });

  it('rejects two handlers under one consumer name', () => {
    const a = bench.process();
    a.handlers.register(new RecordingHandler('test.same', ['thing.happened']));
    expect(() => a.handlers.register(new RecordingHandler('test.same', ['other.happened']))).toThrow(
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
});
