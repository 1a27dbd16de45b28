import { AsyncLocalStorage } from 'node:async_hooks';
import { newId } from '../../../src/kernel/ids';
import type { Tx } from '../../../src/kernel/tx';
import { InsufficientBalance } from '../../../src/modules/ledger';
import { type TransferRequest, Transfers } from '../../../src/modules/transfers';
import { sql } from '../../../src/platform/database';
import { type Caller, SettlementWorld } from './support/settlement-world';

const CHUNK = 4;

describe('Expanding settlements', () => {
  let world: SettlementWorld;

  beforeAll(async () => {
    world = await SettlementWorld.start({ expandChunk: CHUNK, settlementJobsBatch: 3 });
  });
  afterAll(() => world.close());

  const awards = (count: number) =>
    Array.from({ length: count }, (_, n) => ({ external_id: `user-${n + 1}`, amount: '1.00' }));
  const transfers = () => world.get(Transfers);
  const expand = ({ tenant }: Caller) => world.run('expand-settlements', tenant);
  async function payer(): Promise<Caller> {
    const caller = await world.payer();
    await world.recipients(caller, 10);
    return caller;
  }
  const transfersOf = (caller: Caller) =>
    world.rows<{ origin_id: string; job_id: string }>(
      caller,
      'SELECT origin_id, job_id FROM transfers.transfers',
    );

  it('creates one transfer per award and reserves each chunk in one entry', async () => {
    const caller = await payer();
    const { body } = await world.record(caller, awards(10));
    expect(await expand(caller)).toEqual({ found: 1, done: 1, failed: 0, skipped: [] });
    const shown = (await world.settlement(caller, body.id)).body;
    const job = await world.send(caller, 'GET', `payout-jobs/${shown.payout_job_id}`);
    expect(shown.status).toBe('expanded');
    expect(job.body).toMatchObject({
      settlement_id: body.id,
      status: 'processing',
      total: 10,
      expanded: 10,
      completed: 0,
      failed: 0,
      open: 10,
      completed_at: null,
    });
    expect(job.body.counts).toMatchObject({ pending: 10 });
    const made = await transfersOf(caller);
    expect(made.map(({ origin_id }) => origin_id).sort()).toEqual(
      shown.awards.results.map(({ id }) => id).sort(),
    );
    expect(new Set(made.map(({ job_id }) => job_id))).toEqual(new Set([shown.payout_job_id]));
    const reservations = await world.rows<{ reference: string }>(
      caller,
      `SELECT reference FROM ledger.entries WHERE reference LIKE 'job:%' ORDER BY reference`,
    );
    expect(reservations.map(({ reference }) => reference)).toEqual(
      [0, 4, 8].map((from) => `job:${shown.payout_job_id}:reserved:${from}`),
    );
    expect((await world.verify(caller)).balanced).toBe(true);
    expect(await expand(caller)).toMatchObject({ found: 0 });
    expect(
      (await world.send(caller, 'GET', `payout-jobs/${shown.payout_job_id}/transfers?limit=3`)).body.results,
    ).toHaveLength(3);
  });

  it('continues after a failure between two chunks and shows the reason meanwhile', async () => {
    const caller = await payer();
    const { body } = await world.record(caller, awards(10));
    const real = transfers().request.bind(transfers());
    let calls = 0;
    const spy = jest
      .spyOn(transfers(), 'request')
      .mockImplementation(
        (tx: Tx, requests: readonly TransferRequest[], reservation: Parameters<Transfers['request']>[2]) =>
          ++calls === 2
            ? Promise.reject(new Error('the machine was unplugged'))
            : real(tx, requests, reservation),
      );
    expect(await expand(caller)).toEqual({ found: 1, done: 0, failed: 1, skipped: [] });
    spy.mockRestore();
    expect((await world.settlement(caller, body.id)).body).toMatchObject({
      status: 'expanding',
      last_failure: 'internal_error',
    });
    expect(await world.count(caller, 'transfers.transfers')).toBe(CHUNK);
    expect(world.log.said('settlement.expansion_failed')).toContainEqual(
      expect.objectContaining({ settlement_id: body.id, reason: 'internal_error' }),
    );
    expect(await expand(caller)).toMatchObject({ found: 0 });
    await world.rows(caller, `UPDATE settlements.settlements SET due_at = now()`);
    expect(await expand(caller)).toMatchObject({ found: 1, done: 1 });
    expect(await world.count(caller, 'transfers.transfers')).toBe(10);
    expect((await world.settlement(caller, body.id)).body).toMatchObject({
      status: 'expanded',
      last_failure: null,
    });
    expect((await world.verify(caller)).balanced).toBe(true);
  });

  it('creates one job and each transfer once with five concurrent schedulers', async () => {
    const caller = await payer();
    const { body } = await world.record(caller, awards(10));
    const runs = await Promise.all(Array.from({ length: 5 }, () => expand(caller)));
    for (
      let tick = 0;
      (await world.settlement(caller, body.id)).body.status !== 'expanded' && tick < 10;
      tick++
    )
      await expand(caller);
    expect(runs.reduce((sum, { failed }) => sum + failed, 0)).toBe(0);
    expect(runs.reduce((sum, { done }) => sum + done, 0)).toBeLessThanOrEqual(1);
    expect(['locked_elsewhere', 'nothing_to_do']).toEqual(
      expect.arrayContaining(runs.flatMap(({ skipped }) => skipped.map(({ reason }) => reason))),
    );
    expect(await world.count(caller, 'settlements.payout_jobs')).toBe(1);
    expect(await world.count(caller, 'transfers.transfers')).toBe(10);
    expect((await world.verify(caller)).balanced).toBe(true);
    expect(world.outbox.of(caller.tenant, 'settlement.scheduled')).toHaveLength(1);
  });

  it('skips and counts a settlement that another scheduler has locked', async () => {
    const caller = await payer();
    const { body } = await world.record(caller, awards(2));
    await world.db.uow.run(caller.tenant, async (tx) => {
      await sql(tx).rows({
        text: 'SELECT id FROM settlements.settlements WHERE id = $1 FOR UPDATE',
        values: [body.id],
      });
      expect(await outside(() => expand(caller))).toEqual({
        found: 1,
        done: 0,
        failed: 0,
        skipped: [{ reason: 'locked_elsewhere', count: 1 }],
      });
    });
    expect(await expand(caller)).toMatchObject({ done: 1 });
  });

  it('skips a tenant without a rail account, expands the others, and expands it once an account exists', async () => {
    const poor = await world.caller();
    await world.recipients(poor, 10);
    const rich = await payer();
    const waiting = await Promise.all([1, 2].map(() => world.record(poor, awards(2))));
    const ready = await world.record(rich, awards(2));
    const summary = await world.run('expand-settlements');
    expect(summary.skipped).toContainEqual({ reason: 'rail_account_missing', count: 2 });
    expect((await world.settlement(rich, ready.body.id)).body.status).toBe('expanded');
    const shown = (await Promise.all(waiting.map(({ body }) => world.settlement(poor, body.id)))).map(
      ({ body }) => [body.status, body.last_failure],
    );
    expect(shown).toContainEqual(['recorded', 'rail_account_missing']);
    await world.connect(poor);
    expect(await expand(poor)).toMatchObject({ found: 2, done: 2 });
  });

  it('takes a batch per tenant, oldest first, and continues after a failing settlement', async () => {
    const [busy, quiet] = [await payer(), await payer()];
    const ids: string[] = [];
    for (let n = 0; n < 5; n++) ids.push((await world.record(busy, awards(1))).body.id);
    const lone = (await world.record(quiet, awards(1))).body.id;
    const real = transfers().request.bind(transfers());
    jest
      .spyOn(transfers(), 'request')
      .mockImplementation((tx, requests, reservation) =>
        requests[0]?.settlementId === ids[0]
          ? Promise.reject(
              new InsufficientBalance(
                { kind: 'payable', owner: null, purpose: 'award', currency: 'USD' },
                1n,
              ),
            )
          : real(tx, requests, reservation),
      );
    expect(await world.run('expand-settlements')).toMatchObject({ found: 4, done: 3, failed: 1 });
    expect((await world.settlement(quiet, lone)).body.status).toBe('expanded');
    expect(
      (await Promise.all(ids.map((id) => world.settlement(busy, id)))).map(({ body }) => body.status),
    ).toEqual(['recorded', 'expanded', 'expanded', 'recorded', 'recorded']);
    expect((await world.settlement(busy, ids[0] as string)).body.last_failure).toBe('insufficient_balance');
    expect(await expand(busy)).toMatchObject({ found: 2, done: 2 });
  });

  it('returns the same response for a job of another tenant as for an unknown id', async () => {
    const caller = await payer();
    await world.record(caller, awards(1));
    await expand(caller);
    const job = (await world.send(caller, 'GET', 'payout-jobs?status=processing')).body.results[0]?.id;
    const stranger = await world.caller();
    for (const path of [job, newId()].flatMap((id) => [`payout-jobs/${id}`, `payout-jobs/${id}/transfers`])) {
      expect(await world.send(stranger, 'GET', path)).toMatchObject({
        status: 404,
        body: { code: 'payout_job_not_found' },
      });
    }
    expect((await world.post(stranger, `payout-jobs/${job}/retry`, { reason: 'not mine' })).status).toBe(404);
    expect((await world.send(stranger, 'GET', 'payout-jobs')).body.results).toEqual([]);
  });
});

/** Bound when the file is loaded, so that it runs outside of the transaction of the test, as another process. */
const outside = AsyncLocalStorage.snapshot() as <T>(work: () => Promise<T>) => Promise<T>;
