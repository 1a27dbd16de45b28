import { Client } from 'pg';
import { type ClaimedCall, ClaimTransfers } from '../../../src/modules/transfers/application/claim-transfers';
import { RecordOutcomes } from '../../../src/modules/transfers/application/record-outcomes';
import { ExecuteTransfers } from '../../../src/modules/transfers/application/execute-transfers';
import { startApp, type TestApp, type TestTenant, type TransferShown } from '../../support';
import { railAccountOf } from './support/books';

const LEASE_MS = 17_000;
const HOUR_MS = 3_600_000;

/**
 * Two workers and one transfer, step by step: what processes do to each other by chance is done here in a
 * chosen order.
 */
describe('the lease of a transfer', () => {
  let world: TestApp;
  let tenant: TestTenant;
  let admin: Client;
  let railAccountId: string;

  beforeAll(async () => {
    world = await startApp({ env: { ROLES: 'api' } });
    tenant = await world.tenant();
    admin = new Client({ connectionString: world.urls.admin });
    await admin.connect();
    railAccountId = (await railAccountOf(tenant)).id;
  });
  afterAll(async () => {
    await admin.end();
    await world.close();
  });

  async function due(name: string, winners = 1): Promise<string> {
    const names = Array.from({ length: winners }, (_, i) => `${name}-${i}`);
    await tenant.recipients(names);
    const { id } = await tenant.settle(name, Object.fromEntries(names.map((winner) => [winner, 20])));
    await tenant.tick('expand-settlements');
    return id;
  }

  async function only(settlementId: string): Promise<TransferShown> {
    return (await tenant.transfersOf(settlementId))[0] as TransferShown;
  }

  async function claim(limit = 1): Promise<ClaimedCall[]> {
    const claimed = await world.app
      .get(ClaimTransfers, { strict: false })
      .execute(tenant.id, railAccountId, limit);
    return claimed === 'nothing_due' ? [] : claimed;
  }

  const send = async (call: ClaimedCall) =>
    (await world.app.get(ExecuteTransfers, { strict: false }).send(call)).outcome;
  const record = (call: ClaimedCall, outcome: Awaited<ReturnType<typeof send>>) =>
    world.app.get(RecordOutcomes, { strict: false }).execute(tenant.id, [{ call, outcome }]);

  /** As if its worker had been silent for so long. */
  async function letTheLeaseRunOut(transferId: string): Promise<void> {
    await admin.query(`UPDATE transfers.transfers SET due_at = now(), lease_until = now() WHERE id = $1`, [
      transferId,
    ]);
  }

  async function effectsOf(transferId: string): Promise<number> {
    return (await world.simulator.allEffects()).filter(
      (effect) => effect.metadata['disburse_transfer'] === transferId,
    ).length;
  }

  it("belongs to the last claim: an earlier worker's outcome other than success changes nothing", async () => {
    const settlementId = await due('reset');
    await world.simulator.scriptFaults({ kind: 'rate_limited', match: { method: 'POST' } });
    const [slow] = await claim();
    const refusal = await send(slow!);
    expect(refusal.kind).toBe('no_effect');
    await letTheLeaseRunOut(slow!.transferId);
    const [quick] = await claim();
    await record(slow!, refusal);
    await expect(only(settlementId)).resolves.toMatchObject({ status: 'processing' });
    const cancelled = await tenant.call(
      'POST',
      `/transfers/${slow!.transferId}/cancel`,
      { reason: 'not needed' },
      { 'Idempotency-Key': 'cancel-in-flight' },
    );
    expect([cancelled.status, cancelled.body['code']]).toEqual([409, 'transfer_in_flight']);
    await record(quick!, await send(quick!));
    const paid = await only(settlementId);
    expect(paid).toMatchObject({ status: 'completed', generation: 1 });
    expect(paid.attempts.map(({ outcome }) => outcome)).toEqual(['abandoned', 'succeeded']);
    await expect(effectsOf(paid.id)).resolves.toBe(1);
  });

  it('is not required for a success, which counts from any worker and at any time', async () => {
    const settlementId = await due('late');
    const [slow] = await claim();
    const success = await send(slow!);
    await letTheLeaseRunOut(slow!.transferId);
    const [quick] = await claim();
    await record(slow!, success);
    await expect(only(settlementId)).resolves.toMatchObject({ status: 'completed' });
    await record(quick!, await send(quick!));
    const paid = await only(settlementId);
    expect(paid.evidence.map(({ source }) => source)).toEqual(['late_answer']);
    await expect(effectsOf(paid.id)).resolves.toBe(1);
    await expect(tenant.verify()).resolves.toMatchObject({ balanced: true });
  });

  it('stops a worker before the call when it has run out or the clocks differ', async () => {
    const settlementId = await due('overslept');
    const [call] = await claim();
    const before = (await world.simulator.stats()).calls;
    await expect(send({ ...call!, claimedAtMs: call!.claimedAtMs - LEASE_MS })).resolves.toMatchObject({
      kind: 'no_effect',
      reason: 'not_sent_in_time',
    });
    const ahead = {
      ...call!,
      claimedAt: new Date(call!.claimedAt.getTime() + HOUR_MS),
      sendBefore: new Date(call!.sendBefore.getTime() + HOUR_MS),
    };
    await expect(send(ahead)).resolves.toMatchObject({ kind: 'no_effect', reason: 'clock_skew' });
    expect((await world.simulator.stats()).calls).toBe(before);
    await record(call!, await send(call!));
    await expect(only(settlementId)).resolves.toMatchObject({ status: 'completed' });
  });

  it('is taken by each worker for other transfers without waiting', async () => {
    await due('crowd', 6);
    await admin.query('BEGIN');
    const { rows } = await admin.query<{ id: string }>(
      `SELECT id FROM transfers.transfers WHERE tenant_id = $1 AND state = 'pending' ORDER BY due_at, id
        LIMIT 2 FOR UPDATE`,
      [tenant.id],
    );
    try {
      const first = await claim(2);
      const second = await claim(10);
      expect([first.length, second.length]).toEqual([2, 2]);
      const held = rows.map(({ id }) => id);
      const taken = [...first, ...second].map(({ transferId }) => transferId);
      expect(new Set([...held, ...taken]).size).toBe(6);
    } finally {
      await admin.query('ROLLBACK');
    }
  });
});
