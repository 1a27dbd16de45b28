import Stripe from 'stripe';
import { newId } from '../../../src/kernel/ids';
import { UnitOfWork } from '../../../src/kernel/tx';
import { Log } from '../../../src/platform/logging';
import { OnProviderTransfer } from '../../../src/modules/transfers/application/on-provider-transfer';
import { startApp, type TestApp, type TestTenant, type TransferShown, until } from '../../support';

type Detail = Omit<TransferShown, 'evidence'> & {
  readonly evidence: readonly { source: string; provider_transfer_id: string }[];
};

/**
 * Contradicting evidence, events that arrive late, and transfers without a destination.
 */
describe('an ambiguous transfer', () => {
  let world: TestApp;
  let tenant: TestTenant;

  beforeAll(async () => {
    // Nothing sweeps: what goes on goes on by itself.
    world = await startApp({
      env: {
        TRANSFER_BATCH: '2',
        TRANSFER_CALL_DEADLINE_MS: '5000',
        TRANSFER_LEASE_MS: '25000',
        TRANSFER_QUARANTINE_MS: '200',
      },
    });
    tenant = await world.tenant();
  });
  afterAll(() => world.close());

  const show = (id: string) => tenant.get<Detail>(`/transfers/${id}`);
  const railAccount = async () =>
    (await tenant.get<{ results: { id: string }[] }>('/connections/rail-accounts')).results[0]?.id as string;
  const destinationOf = async (recipientId: string) =>
    (await tenant.get<{ connected_account: { stripe_account_id: string } }>(`/recipients/${recipientId}`))
      .connected_account.stripe_account_id;

  async function award(
    name: string,
    prepare: (destination: string) => Promise<void> = async () => undefined,
  ): Promise<{ settlementId: string; destination: string }> {
    const recipientId = (await tenant.recipients([name])).get(name) as string;
    const destination = await destinationOf(recipientId);
    await prepare(destination);
    const { id } = await tenant.settle(`contest-${name}`, { [name]: 50 });
    return { settlementId: id, destination };
  }

  async function only(settlementId: string): Promise<Detail> {
    return show(((await tenant.transfersOf(settlementId))[0] as TransferShown).id);
  }

  /** Handles one batch of events about these provider transfers. */
  async function handleEvents(...objectIds: string[]): Promise<void> {
    const handler = world.app.get(OnProviderTransfer, { strict: false });
    const payload = {
      endpoint_id: newId(),
      rail_account_id: await railAccount(),
      provider_event_id: newId(),
      type: 'transfer.updated',
    };
    const events = objectIds.map((id) => ({
      id: newId(),
      name: 'provider_event.transfer',
      occurredAt: new Date(),
      payload: { ...payload, object_id: id },
    }));
    const read = await handler.prefetch(tenant.id, events);
    await world.app
      .get(UnitOfWork, { strict: false })
      .run(tenant.id, (tx) => handler.handle(tx, events, read));
  }

  /** The tenant's own back office sends money under a name that is ours. */
  function sentBeside(
    destination: string,
    metadata: Record<string, string>,
    amount = 50_00,
  ): Promise<Stripe.Transfer> {
    const stripe = new Stripe(tenant.stripeKey, {
      ...tenant.simulator.stripeConfig,
      maxNetworkRetries: 0,
      telemetry: false,
    });
    return stripe.transfers.create({ amount, currency: 'usd', destination, metadata });
  }

  it('stores evidence of every transfer that the provider holds under its id, and books one', async () => {
    const { settlementId, destination } = await award('twice');
    await tenant.paid(settlementId);
    const { id, stripe_transfer_id: first } = await only(settlementId);
    const second = await sentBeside(destination, { disburse_transfer: id });
    await handleEvents(first as string, second.id);
    const seen = await show(id);
    expect(seen).toMatchObject({ status: 'completed', stripe_transfer_id: first });
    expect(new Set(seen.evidence.map(({ provider_transfer_id }) => provider_transfer_id))).toEqual(
      new Set([first, second.id]),
    );
    await expect(tenant.verify()).resolves.toMatchObject({ balanced: true });
  });

  it('is not completed by a transfer to another destination', async () => {
    const { destination: otherRecipient } = await award('otherRecipient');
    const { settlementId } = await award('mine', (destination) =>
      world.simulator.changeAccount(destination, { refuse_with: 'account_closed' }),
    );
    await tenant.paid(settlementId);
    const { id } = await only(settlementId);
    const other = await sentBeside(otherRecipient, { disburse_transfer: id });
    await handleEvents(other.id);
    const seen = await show(id);
    expect(seen).toMatchObject({ status: 'failed_terminal', stripe_transfer_id: null });
    expect(seen.evidence).toMatchObject([{ provider_transfer_id: other.id }]);
  });

  it('is not held up by a provider transfer whose metadata has no id of ours', async () => {
    const { settlementId, destination } = await award('strange-name');
    await tenant.paid(settlementId);
    const { id, stripe_transfer_id: held } = await only(settlementId);
    const strange = await sentBeside(destination, { disburse_transfer: 'transfer no. 7' }, 1_00);
    await handleEvents(strange.id, held as string);
    expect((await show(id)).evidence).toMatchObject(
      expect.arrayContaining([expect.objectContaining({ source: 'event' })]) as unknown[],
    );
  });

  it.each(['server_503', 'forbidden_403', 'broken_json'] as const)(
    'fails the event, so that it is tried again, while the provider cannot be read (%s)',
    async (kind) => {
      const { settlementId } = await award(`unread-${kind}`);
      await tenant.paid(settlementId);
      const { stripe_transfer_id: held } = await only(settlementId);
      await world.simulator.scriptFaults({ kind, match: { method: 'GET', path: `/v1/transfers/${held}` } });
      await expect(handleEvents(held as string)).rejects.toMatchObject({ code: 'provider_unreachable' });
      await expect(handleEvents(held as string)).resolves.toBeUndefined();
    },
  );

  it('is not blocked by a batch of transfers without a destination', async () => {
    const names = Array.from({ length: 7 }, (_, n) => `homeless-${n}`);
    await tenant.recipients(names, { connected: false });
    const { id } = await tenant.settle(
      'contest-homeless',
      Object.fromEntries(names.map((name) => [name, 1])),
    );
    await expect(tenant.paid(id)).resolves.toMatchObject({ status: 'complete', failed: 7 });
  });

  it('makes its job open again when it is re-opened', async () => {
    const { settlementId, destination } = await award('reopened', (account) =>
      world.simulator.changeAccount(account, { refuse_with: 'account_closed' }),
    );
    await tenant.paid(settlementId);
    const { id } = await only(settlementId);
    const account = await railAccount();
    await tenant.post(`/operations/rail-accounts/${account}/pause`, { reason: 'not yet' });
    await world.simulator.changeAccount(destination, { refuse_with: null });
    await tenant.post(`/transfers/${id}/retry`, { reason: 'account mended' });
    await until('the job is open', async () => (await tenant.jobOf(settlementId)).status === 'processing');
    await tenant.post(`/operations/rail-accounts/${account}/resume`, { reason: 'now' });
    await tenant.post(`/transfers/${id}/retry`, { reason: 'at once' });
    await expect(tenant.paid(settlementId)).resolves.toMatchObject({
      status: 'complete',
      completed: 1,
      failed: 0,
    });
  });

  it('alerts when an operator must look', async () => {
    const alarm = jest.spyOn(world.app.get(Log, { strict: false }), 'error');
    const rung = (id: string) =>
      alarm.mock.calls
        .filter(([, fields]) => (fields as { transfer_id?: string } | undefined)?.transfer_id === id)
        .map(([what]) => what);
    const { settlementId } = await award('alarm', (destination) =>
      world.simulator.scriptFaults({ kind: 'wrong_currency', match: { method: 'POST', destination } }),
    );
    await tenant.paid(settlementId, (job) => (job.counts['needs_review'] ?? 0) === 1);
    const { id } = await only(settlementId);
    await until('the alarm', async () => rung(id).length > 0);
    expect(rung(id)).toEqual(['transfer.needs_review']);
  });

  it('is not re-opened by one empty look-up after the provider reported a transfer', async () => {
    const { settlementId } = await award('said-moved', (destination) =>
      world.simulator.scriptFaults({ kind: 'wrong_amount', match: { method: 'POST', destination } }),
    );
    await tenant.paid(settlementId, (job) => (job.counts['needs_review'] ?? 0) === 1);
    const { id } = await only(settlementId);
    await world.simulator.scriptFaults({
      kind: 'list_lags',
      match: { method: 'GET', transfer_group: `disburse_${id}` },
      lag_ms: 3_600_000,
    });
    const refused = await tenant.call<{ code: string }>(
      'POST',
      `/transfers/${id}/retry`,
      { reason: 'the list is empty' },
      { 'Idempotency-Key': 'one-empty-list' },
    );
    expect(refused).toMatchObject({ status: 409, body: { code: 'transfer_in_flight' } });
    await tenant.post(`/transfers/${id}/retry`, { reason: 'look again' });
    await expect(show(id)).resolves.toMatchObject({ status: 'completed', generation: 1 });
  });

  it('is not re-opened by a look-up that began before another operator re-opened it', async () => {
    const { settlementId } = await award('two-operators', (destination) =>
      world.simulator.changeAccount(destination, { refuse_with: 'account_closed' }),
    );
    await tenant.paid(settlementId);
    const { id } = await only(settlementId);
    await world.simulator.scriptFaults({
      kind: 'slow',
      when: 'after',
      delay_ms: 4_000,
      match: { method: 'GET', transfer_group: `disburse_${id}` },
    });
    const slow = tenant.call<{ code: string }>(
      'POST',
      `/transfers/${id}/retry`,
      { reason: 'first' },
      { 'Idempotency-Key': 'operator-one' },
    );
    await until('the slow look-up is on its way', async () => (await show(id)).attempts.length === 2);
    await tenant.post(`/transfers/${id}/retry`, { reason: 'second' });
    await until(
      'the second opening has failed',
      async () =>
        (await show(id)).attempts.filter(({ call, outcome }) => call === 'send' && outcome === 'refused')
          .length === 2,
    );
    await expect(slow).resolves.toMatchObject({ status: 409, body: { code: 'transfer_in_flight' } });
    await expect(show(id)).resolves.toMatchObject({ status: 'failed_terminal', openings: 2 });
  });
});
