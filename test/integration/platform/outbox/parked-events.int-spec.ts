import { domainError } from '../../../../src/kernel/errors';
import { defineEvent, text } from '../../../../src/kernel/events';
import { until } from '../until';
import { anyEvent, numbered, OutboxBench, RecordingHandler } from './outbox-bench';

class ProviderAway extends domainError('provider_away', 'unavailable') {}

describe('events that a handler fails on', () => {
  let bench: OutboxBench;
  beforeAll(async () => (bench = await OutboxBench.open()));
  afterEach(() => bench.stop());
  afterAll(() => bench.close());

  it('halves a failing batch, delivers the rest, and parks the failing event after ten tries', async () => {
    const [a, tenant] = [bench.process(), bench.database.newTenant()];
    let tries = 0;
    const listener = new RecordingHandler('test.failing', ['thing.happened'], (_tx, events) => {
      if (!events.some(({ payload }) => payload['n'] === 137)) return;
      if (events.length === 1) tries++;
      throw new Error('137 of ann@example.org is invalid');
    });
    const fine = new RecordingHandler('test.fine', ['thing.happened']);
    a.handlers.register(listener);
    a.handlers.register(fine);
    await a.publish(tenant, numbered(500));
    a.relay.start();
    await until(async () => (await bench.maintenance().state()).parked === 1);
    expect(tries).toBe(10);
    expect(fine.received).toHaveLength(500);
    expect(new Set(listener.numbers())).toEqual(
      new Set(Array.from({ length: 500 }, (_, n) => n).filter((n) => n !== 137)),
    );
    await until(async () => (await bench.pending()) === 0);
    expect(a.log.said('outbox.event_parked')).toMatchObject([
      { level: 'error', consumer: 'test.failing', tenantId: tenant },
    ]);
    expect(await a.metrics.registry.metrics()).toContain(
      'disburse_outbox_parked_total{consumer="test.failing"} 1',
    );
    const parked = await a.uow.run(tenant, (tx) => bench.parked().list(tx, 10));
    expect(parked).toMatchObject([
      {
        name: 'thing.happened',
        consumer: 'test.failing',
        tries: 10,
        error: 'Error: 137 of [e-mail] is invalid',
      },
    ]);
  });

  it('parks an event whose stored payload this version cannot read, and delivers the others', async () => {
    const [a, tenant] = [bench.process({ triesMax: 2 }), bench.database.newTenant()];
    const received: string[] = [];
    a.handlers.register({
      consumer: 'test.typed',
      events: [defineEvent<{ readonly thing_id: string }>('thing.happened', { thing_id: text })],
      handle: (_tx, events) => Promise.resolve(void received.push(...events.map((e) => e.payload.thing_id))),
    });
    await a.publish(tenant, [
      { name: 'thing.happened', payload: { thing_id: 'one' } },
      { name: 'thing.happened', payload: { old_name: 'two' } },
      { name: 'thing.happened', payload: { thing_id: 'three', later_field: 1 } },
    ]);
    a.relay.start();
    await until(async () => (await a.uow.run(tenant, (tx) => bench.parked().list(tx, 1))).length === 1);
    const [parked] = await a.uow.run(tenant, (tx) => bench.parked().list(tx, 1));
    expect(parked?.error).toContain('The stored payload of thing.happened does not have the form');
    expect(received.sort()).toEqual(['one', 'three']);
  });

  it('does not let a failing event delay later ones', async () => {
    const [a, tenant] = [bench.process({ triesMax: 1_000_000 }), bench.database.newTenant()];
    const listener = new RecordingHandler('test.listener', ['thing.happened'], (_tx, events) => {
      if (events.some(({ payload }) => payload['n'] === 'bad')) throw new Error('bad');
    });
    a.handlers.register(listener);
    a.relay.start();
    await a.publish(tenant, [{ name: 'thing.happened', payload: { n: 'bad' } }]);
    for (let n = 0; n < 20; n++) {
      await a.publish(tenant, [{ name: 'thing.happened', payload: { n } }]);
      await until(() => listener.numbers().includes(n));
    }
    await bench.stop();
    expect(await bench.pending()).toBe(1);
    await bench.retire(tenant);
  });

  it('does not lose a parked event that is released while its batch is still being delivered', async () => {
    const [a, tenant] = [bench.process({ triesMax: 1 }), bench.database.newTenant()];
    let [broken, finish] = [true, (): void => undefined];
    const held = new Promise<void>((resolve) => (finish = resolve));
    const fixed = new RecordingHandler('test.a-fixed', ['thing.happened'], () => {
      if (broken) throw new Error('not yet');
    });
    a.handlers.register(fixed);
    a.handlers.register(new RecordingHandler('test.b-slow', ['thing.happened'], () => held));
    await a.publish(tenant, numbered(1));
    a.relay.start();
    await until(async () => (await a.uow.run(tenant, (tx) => bench.parked().list(tx, 1))).length === 1);
    broken = false;
    await a.uow.run(tenant, async (tx) => {
      const [parked] = await bench.parked().list(tx, 1);
      await bench.parked().release(tx, 'test.a-fixed', [parked?.event_id as string]);
    });
    finish();
    await until(() => fixed.received.length === 1);
  });

  it('delivers a parked event again when an operator releases it, and only to the consumer that failed', async () => {
    const [a, tenant] = [bench.process({ triesMax: 2 }), bench.database.newTenant()];
    let broken = true;
    const failing = new RecordingHandler('test.fixed', ['thing.happened'], () => {
      if (broken) throw new Error('not yet');
    });
    const fine = new RecordingHandler('test.other', ['thing.happened']);
    a.handlers.register(failing);
    a.handlers.register(fine);
    await a.publish(tenant, numbered(1));
    a.relay.start();
    await until(async () => (await a.uow.run(tenant, (tx) => bench.parked().list(tx, 1))).length === 1);
    broken = false;
    const [parked] = await a.uow.run(tenant, (tx) => bench.parked().list(tx, 1));
    const released = await a.uow.run(tenant, (tx) =>
      bench.parked().release(tx, 'test.fixed', [parked?.event_id as string]),
    );
    expect(released).toBe(1);
    await until(() => failing.received.length === 1);
    await until(async () => (await bench.pending()) === 0);
    expect(fine.received).toHaveLength(1);
  });

  it('counts no tries while something that a handler needs is unavailable', async () => {
    const [a, tenant] = [bench.process({ triesMax: 3 }), bench.database.newTenant()];
    let calls = 0;
    const done: number[] = [];
    a.handlers.register({
      consumer: 'test.needing',
      events: [anyEvent('thing.happened')],
      prefetch: () => (++calls <= 20 ? Promise.reject(new ProviderAway('unavailable')) : Promise.resolve()),
      handle: (_tx, events) => Promise.resolve(void done.push(events.length)),
    });
    await a.publish(tenant, numbered(64));
    a.relay.start();
    await until(() => done.length === 1);
    // The batch is not halved: one call per round.
    expect(calls).toBe(21);
    expect(done).toEqual([64]);
    expect(a.log.said('outbox.event_parked')).toEqual([]);
  });

  it('purges old delivered events together with their claims, and keeps parked ones', async () => {
    const [a, tenant] = [bench.process({ triesMax: 1 }), bench.database.newTenant()];
    a.handlers.register(
      new RecordingHandler('test.purged', ['thing.happened'], (_tx, events) => {
        if (events.some(({ payload }) => payload['n'] === 3)) throw new Error('three');
      }),
    );
    await a.publish(tenant, numbered(10));
    a.relay.start();
    await until(async () => (await bench.pending()) === 0);
    expect((await bench.maintenance().purge()).done).toBe(0);
    await bench.maintenance().purge(0);
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
});
