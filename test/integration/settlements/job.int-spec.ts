import { newId } from '../../../src/kernel/ids';
import { type Caller, SettlementWorld } from './support/settlement-world';

describe('A payout job', () => {
  let world: SettlementWorld;

  beforeAll(async () => {
    world = await SettlementWorld.start();
  });
  afterAll(() => world.close());

  const job = async (caller: Caller) =>
    (await world.send(caller, 'GET', `payout-jobs/${await jobId(caller)}`)).body;
  const jobId = async (caller: Caller) =>
    (await world.send(caller, 'GET', 'payout-jobs')).body.results[0]?.id ?? '';
  const transfers = async (caller: Caller) =>
    (await world.send(caller, 'GET', `payout-jobs/${await jobId(caller)}/transfers`)).body.results;
  const cancel = (caller: Caller, transfer?: string) =>
    world.post(caller, `transfers/${transfer}/cancel`, { reason: 'not wanted' });
  /** Recipients without a connected account: each transfer fails for good without a call to Stripe. */
  const work = () => world.wakeUps.deliver('transfers');

  async function expanded(awards: number): Promise<Caller> {
    const caller = await world.payer();
    await world.recipients(caller, awards);
    await world.record(
      caller,
      Array.from({ length: awards }, (_, n) => ({ external_id: `user-${n + 1}`, amount: '1.00' })),
    );
    await world.run('expand-settlements', caller.tenant);
    return caller;
  }

  it('is complete when its last transfer has ended, however its transfers ended', async () => {
    const caller = await expanded(3);
    const [first] = await transfers(caller);
    expect((await cancel(caller, first?.id)).status).toBe(200);
    await world.outbox.deliver(caller.tenant, 'transfer.cancelled');
    expect(await job(caller)).toMatchObject({ status: 'processing', open: 2 });
    await work();
    await world.outbox.deliver(caller.tenant, 'transfer.failed');
    expect(await job(caller)).toMatchObject({
      status: 'complete',
      open: 0,
      failed: 2,
      counts: { cancelled: 1, failed_terminal: 2 },
      completed_at: expect.any(String) as string,
    });
    expect(
      world.outbox.of(caller.tenant, 'payout_job.completed').map(({ payload }) => payload['payout_job_id']),
    ).toEqual([await jobId(caller)]);
    expect((await world.verify(caller)).balanced).toBe(true);
  });

  it('completes once, also with duplicate and concurrent events', async () => {
    const caller = await expanded(2);
    for (const { id } of await transfers(caller)) await cancel(caller, id);
    const events = world.outbox.of(caller.tenant, 'transfer.cancelled');
    await Promise.all([
      world.outbox.handle(caller.tenant, events),
      world.outbox.handle(caller.tenant, events),
      world.run('complete-payout-jobs', caller.tenant),
    ]);
    expect(world.outbox.of(caller.tenant, 'payout_job.completed')).toHaveLength(1);
  });

  it('is completed by the schedule if all events were lost; jobs with open transfers are skipped', async () => {
    const caller = await expanded(2);
    expect(await world.run('complete-payout-jobs', caller.tenant)).toEqual({
      found: 1,
      done: 0,
      failed: 0,
      skipped: [{ reason: 'transfers_open', count: 1 }],
    });
    for (const { id } of await transfers(caller)) await cancel(caller, id);
    expect(await world.run('complete-payout-jobs', caller.tenant)).toMatchObject({ found: 1, done: 1 });
    expect(await job(caller)).toMatchObject({ status: 'complete' });
    expect(await world.run('complete-payout-jobs', caller.tenant)).toMatchObject({ found: 0 });
  });

  it('becomes processing again when an operator reopens its failed transfers', async () => {
    const caller = await expanded(2);
    await work();
    await world.outbox.deliver(caller.tenant, 'transfer.failed');
    const key = newId();
    const retry = () =>
      world.post(caller, `payout-jobs/${id}/retry`, { reason: 'accounts are there now' }, key);
    const id = await jobId(caller);
    const response = await retry();
    expect(response).toMatchObject({
      status: 200,
      body: { status: 'processing', retried: 2, refused: [], completed_at: null, counts: { pending: 2 } },
    });
    expect((await retry()).body).toEqual(response.body);
    await work();
    await world.outbox.deliver(caller.tenant, 'transfer.failed');
    expect(await job(caller)).toMatchObject({ status: 'complete', failed: 2 });
    expect((await world.verify(caller)).balanced).toBe(true);
  });

  it('requires a reason for a retry, and stays complete if there is nothing to reopen', async () => {
    const caller = await expanded(1);
    const [only] = await transfers(caller);
    await cancel(caller, only?.id);
    await world.outbox.deliver(caller.tenant, 'transfer.cancelled');
    expect(
      await world.post(caller, `payout-jobs/${await jobId(caller)}/retry`, { reason: ' ' }),
    ).toMatchObject({ status: 422, body: { code: 'validation_failed' } });
    expect(
      await world.post(caller, `payout-jobs/${await jobId(caller)}/retry`, { reason: 'let us see' }),
    ).toMatchObject({ status: 200, body: { status: 'complete', retried: 0 } });
  });

  it('is listed newest first, by status and by settlement', async () => {
    const caller = await expanded(1);
    const { body } = await world.record(caller, [{ external_id: 'user-1', amount: '2.00' }]);
    await world.run('expand-settlements', caller.tenant);
    const all = (await world.send(caller, 'GET', 'payout-jobs')).body.results;
    expect(all).toHaveLength(2);
    const found = await world.send(caller, 'GET', `payout-jobs?status=PROCESSING&settlement_id=${body.id}`);
    expect(found.body.results.map(({ id }) => id)).toEqual([all[0]?.id]);
    expect((await world.send(caller, 'GET', 'payout-jobs?status=paid')).status).toBe(422);
  });
});
