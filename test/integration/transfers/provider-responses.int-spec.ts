import type { FaultKind } from '../../../src/simulator/faults/kinds';
import { startApp, type TestApp, type TestTenant, type TransferShown, until } from '../../support';

/** Each way in which the provider can fail, met by one transfer, with the whole program and real parts. */
describe('a transfer after each response of the provider', () => {
  let world: TestApp;
  let tenant: TestTenant;

  beforeAll(async () => {
    world = await startApp({
      env: {
        TRANSFER_SWEEP_EVERY_MS: '200',
        TRANSFER_SAFE_WINDOW_MS: '60000',
        TRANSFER_QUARANTINE_MS: '200',
      },
    });
    tenant = await world.tenant();
    await tenant.listen();
  });
  afterAll(() => world.close());

  async function payWith(
    name: string,
    prepare: (recipientAccount: string) => Promise<void>,
    payer = tenant,
  ): Promise<{ settlementId: string; recipientId: string }> {
    const recipients = await payer.recipients([name]);
    const recipientId = recipients.get(name) as string;
    await prepare(await accountOf(recipientId, payer));
    const { id } = await payer.settle(`contest-${name}`, { [name]: 50 });
    return { settlementId: id, recipientId };
  }

  async function accountOf(recipientId: string, payer = tenant): Promise<string> {
    const { connected_account } = await payer.get<{ connected_account: { stripe_account_id: string } }>(
      `/recipients/${recipientId}`,
    );
    return connected_account.stripe_account_id;
  }

  async function only(settlementId: string, payer = tenant): Promise<TransferShown> {
    const [transfer] = await payer.transfersOf(settlementId);
    return transfer as TransferShown;
  }

  async function effectsOf(transferId: string): Promise<number> {
    return (await world.simulator.allEffects()).filter(
      (effect) => effect.metadata['disburse_transfer'] === transferId,
    ).length;
  }

  const healed: FaultKind[] = [
    'lose_request',
    'lose_answer',
    'hang_before_effect',
    'hang_after_effect',
    'error_500_with_effect',
    'error_500_before_layer',
    'server_503',
    'rate_limited',
    'lock_timeout',
    'conflict',
    'reset_mid_body',
    'broken_json',
    'empty_200',
    'redirect_302',
    'huge_body',
  ];
  it.each(healed)('pays once despite %s', async (kind) => {
    const { settlementId } = await payWith(`healed-${kind}`, (destination) =>
      world.simulator.scriptFaults({ kind, match: { method: 'POST', destination } }),
    );
    await tenant.paid(settlementId);
    const transfer = await only(settlementId);
    expect(transfer).toMatchObject({ status: 'completed', amount: '50.00', reason: null });
    expect(new Set(transfer.attempts.map(({ key }) => key))).toEqual(new Set([`transfer:${transfer.id}:g1`]));
    await expect(effectsOf(transfer.id)).resolves.toBe(1);
  });

  it('pays under a second key after stored server errors and two empty look-ups', async () => {
    const { settlementId } = await payWith('stored-500', (destination) =>
      world.simulator.scriptFaults({
        kind: 'error_500_without_effect',
        match: { method: 'POST', destination },
      }),
    );
    await tenant.paid(settlementId);
    const transfer = await only(settlementId);
    expect(transfer).toMatchObject({ status: 'completed', generation: 2 });
    expect(transfer.attempts.filter(({ call }) => call === 'look_up').length).toBeGreaterThanOrEqual(2);
    expect(transfer.attempts.at(-1)).toMatchObject({
      key: `transfer:${transfer.id}:g2`,
      outcome: 'succeeded',
    });
    await expect(effectsOf(transfer.id)).resolves.toBe(1);
  }, 60_000);

  describe.each(['wrong_amount', 'wrong_currency', 'wrong_destination'] as FaultKind[])(
    'after %s',
    (kind) => {
      let reviewed: TestTenant;
      let settlementId: string;
      beforeAll(async () => {
        reviewed = await world.tenant();
        const match = (destination: string) =>
          world.simulator.scriptFaults({ kind, match: { method: 'POST', destination } });
        ({ settlementId } = await payWith(`review-${kind}`, match, reviewed));
        await reviewed.paid(settlementId, (job) => (job.counts['needs_review'] ?? 0) === 1);
      });

      it('needs a review, and keeps the evidence and the reservation', async () => {
        const transfer = await only(settlementId, reviewed);
        expect(transfer).toMatchObject({ status: 'needs_review', reason: 'answer_differs_from_request' });
        expect(transfer.evidence).toHaveLength(1);
        await expect(reviewed.verify()).resolves.toMatchObject({ balanced: true });
      });

      it('is completed when the provider proves to hold the requested transfer', async () => {
        const { id } = await only(settlementId, reviewed);
        await reviewed.post(`/transfers/${id}/retry`, { reason: 'the provider shows it as requested' });
        await expect(only(settlementId, reviewed)).resolves.toMatchObject({
          status: 'completed',
          generation: 1,
        });
        await expect(effectsOf(id)).resolves.toBe(1);
        await expect(reviewed.verify()).resolves.toMatchObject({ balanced: true });
      });
    },
  );

  it('fails without a call and releases the money when there is no connected account', async () => {
    const recipients = await tenant.recipients(['nowhere'], { connected: false });
    const { id } = await tenant.settle('contest-nowhere', { nowhere: 50 });
    await expect(tenant.paid(id)).resolves.toMatchObject({ status: 'complete', failed: 1 });
    await expect(only(id)).resolves.toMatchObject({
      status: 'failed_terminal',
      reason: 'DESTINATION_ACCOUNT_MISSING',
      attempts: [],
      recipient_id: recipients.get('nowhere'),
    });
    await expect(tenant.verify()).resolves.toMatchObject({ balanced: true });
  });

  it('waits for a recipient without the capability and resumes when the capability is active', async () => {
    const { settlementId, recipientId } = await payWith('blocked', (account) =>
      world.simulator.changeAccount(account, { capability: 'inactive' }),
    );
    await tenant.paid(settlementId, (job) => (job.counts['blocked_recipient'] ?? 0) === 1);
    await world.simulator.changeAccount(await accountOf(recipientId), { capability: 'active' });
    await until(
      'the blocked transfer is paid',
      async () => (await only(settlementId)).status === 'completed',
    );
    const transfer = await only(settlementId);
    expect(transfer.generation).toBe(2);
  });

  it('fails when the account is closed, and is re-opened by an operator after a look-up', async () => {
    const { settlementId, recipientId } = await payWith('closed', (account) =>
      world.simulator.changeAccount(account, { refuse_with: 'account_closed' }),
    );
    await tenant.paid(settlementId);
    const failed = await only(settlementId);
    expect(failed).toMatchObject({ status: 'failed_terminal', reason: 'stripe_invalid_account' });
    await world.simulator.changeAccount(await accountOf(recipientId), { refuse_with: null });
    await tenant.post(`/transfers/${failed.id}/retry`, { reason: 'the bank reopened the account' });
    await until(
      'the reopened transfer is paid',
      async () => (await only(settlementId)).status === 'completed',
    );
    const paid = await only(settlementId);
    expect(paid).toMatchObject({ openings: 2, generation: 2 });
    expect(paid.attempts.map(({ call, outcome }) => `${call} ${outcome}`)).toEqual([
      'send refused',
      'look_up found',
      'send succeeded',
    ]);
    await expect(tenant.verify()).resolves.toMatchObject({ balanced: true });
  });

  it('pauses the rail account when the key is refused, and continues after a resume', async () => {
    const other = await world.tenant();
    await other.recipients(['keyless']);
    await world.simulator.setKeyState(other.stripeKey, 'revoked');
    const { id } = await other.settle('contest-keyless', { keyless: 50 });
    await other.paid(id, (job) => (job.counts['retryable'] ?? 0) === 1);
    const [account] = (
      await other.get<{ results: { id: string; status: string }[] }>('/connections/rail-accounts')
    ).results;
    expect(account).toMatchObject({ status: 'paused' });
    await world.simulator.setKeyState(other.stripeKey, 'active');
    await other.post(`/operations/rail-accounts/${account?.id}/resume`, { reason: 'the key works again' });
    const job = await other.paid(id);
    expect(job).toMatchObject({ completed: 1 });
    expect((await other.transfersOf(id))[0]).toMatchObject({ generation: 1 });
  });

  it('waits for funds and resumes after a top-up, oldest first', async () => {
    const poor = await world.tenant({ balances: { usd: 60_00 } });
    await poor.recipients(['a', 'b']);
    const { id } = await poor.settle('contest-poor', { a: 50, b: 40 });
    await poor.paid(id, (job) => (job.counts['waiting_for_funds'] ?? 0) === 1 && job.completed === 1);
    const { accounts } = await poor.get<{ accounts: { missing: string; waiting_count: number }[] }>(
      '/operations/funding',
    );
    expect(accounts[0]).toMatchObject({ waiting_count: 1 });
    expect(Number(accounts[0]?.missing)).toBeGreaterThan(0);
    await poor.tick('resume-funded-transfers');
    await expect(poor.jobOf(id)).resolves.toMatchObject({ counts: { waiting_for_funds: 1 } });
    await world.simulator.setBalance(poor.stripeKey, 'usd', 100_00);
    await poor.tick('resume-funded-transfers');
    await expect(poor.paid(id)).resolves.toMatchObject({ completed: 2 });
    await expect(poor.verify()).resolves.toMatchObject({ balanced: true });
  });
});
