import { systemActor } from '../../../src/kernel/actor';
import { OpenAccount } from '../../../src/modules/recipients/application/open-account';
import { until } from '../../support';
import { RailWorld } from '../connections/support/rail-world';
import { type Link, onboarding } from './support/onboarding';

describe('opening a connected account at Stripe', () => {
  let world: RailWorld;
  const { recipient, start, status, openings, atStripe, creations, shiftBack } = onboarding(() => world);

  beforeAll(async () => {
    world = await RailWorld.start();
  });
  afterAll(() => world.close());
  afterEach(() => world.stripe.stopFaults());

  it('sends the country and type that the recipient had when it began', async () => {
    const tenant = await world.connected();
    const id = await recipient(tenant, { type: 'BUSINESS', country: 'DE' });
    await world.stripe.scriptFaults({
      kind: 'error_500_without_effect',
      match: { path: '/v1/accounts', method: 'POST' },
    });
    expect((await start(tenant, id)).json()).toMatchObject({ status: 503, code: 'provider_unreachable' });
    await world.send(tenant, {
      method: 'PATCH',
      url: `/api/v1/recipients/${id}`,
      payload: { country: 'FR', type: 'INDIVIDUAL' },
    });
    await start(tenant, id);
    expect(await openings(tenant, id)).toMatchObject([
      { country: 'DE', type: 'BUSINESS', calls: 2, server_errors: 2 },
    ]);
  });

  it.each([
    'lose_answer',
    'error_500_with_effect',
    'reset_mid_body',
    'broken_json',
    'hang_after_effect',
  ] as const)('opens one account when Stripe created it and we got %s', async (kind) => {
    const tenant = await world.connected();
    const id = await recipient(tenant);
    await world.stripe.scriptFaults({ kind, match: { path: '/v1/accounts', method: 'POST' } });
    expect((await start(tenant, id)).json()).toMatchObject({ status: 503, code: 'provider_unreachable' });
    expect((await openings(tenant, id))[0]).toMatchObject({ state: 'open', ambiguous: true });
    for (let tries = 0; tries < 3; tries++) await start(tenant, id);
    if (kind === 'error_500_with_effect') await shiftBack(id, '1 hour', tenant);
    expect((await start(tenant, id)).statusCode).toBe(200);
    const [account, second] = await atStripe(tenant);
    expect([
      (await openings(tenant, id)).map((opening) => [
        opening['generation'],
        opening['state'],
        opening['stripe_account_id'],
      ]),
      second,
    ]).toEqual([[[1, 'opened', account?.id]], undefined]);
  });

  it('opens one account for fifty concurrent requests', async () => {
    const tenant = await world.connected();
    const id = await recipient(tenant);
    await world.stripe.setLatency(50);
    const responses = await Promise.all(Array.from({ length: 50 }, () => start(tenant, id)));
    await world.stripe.setLatency(0);
    const refused = responses
      .filter((response) => response.statusCode !== 200)
      .map((response) => response.json<{ code: string }>().code);
    expect(responses.filter((response) => response.statusCode === 200).length).toBeGreaterThanOrEqual(1);
    expect(new Set(refused)).toEqual(new Set(['account_opening_in_progress']));
    expect([await atStripe(tenant), await openings(tenant, id)]).toMatchObject([
      [{}],
      [{ generation: 1, calls: 1, state: 'opened' }],
    ]);
  });

  it('continues under the same key when a process died after its claim, after the lease ran out', async () => {
    const tenant = await world.connected();
    const id = await recipient(tenant);
    const opening = world.app.get(OpenAccount, { strict: false });
    await opening.claim({ tenant: tenant.tenant, recipientId: id, actor: systemActor('test') });
    expect((await start(tenant, id)).json()).toMatchObject({
      status: 409,
      code: 'account_opening_in_progress',
      ask_again_at: expect.any(String),
    });
    expect(await atStripe(tenant)).toEqual([]);
    await shiftBack(id, '2 minutes', tenant);
    expect((await start(tenant, id)).statusCode).toBe(200);
    expect([await openings(tenant, id), (await creations()).at(-1)?.idempotency_key]).toMatchObject([
      [{ generation: 1, calls: 2, state: 'opened' }],
      `account:${id}:g1`,
    ]);
  });

  it('keeps an account that was connected while another one was being opened', async () => {
    const tenant = await world.connected();
    const id = await recipient(tenant);
    const [named] = await world.stripe.createAccounts({ platform: tenant.secretKey });
    await world.stripe.scriptFaults({
      kind: 'slow',
      when: 'after',
      delay_ms: 800,
      match: { path: '/v1/accounts', method: 'POST' },
    });
    const pending = start(tenant, id);
    const opened = await until('the account is open at Stripe', async () =>
      (await atStripe(tenant)).find((account) => account.id !== named),
    );
    await world.send(tenant, {
      method: 'POST',
      url: `/api/v1/recipients/${id}/connected-account`,
      payload: { stripe_account_id: named },
    });
    expect((await pending).json()).toMatchObject({ stripe_account_id: named });
    expect([await status(tenant, id), await openings(tenant, id)]).toMatchObject([
      { stripe_account_id: named },
      [{ state: 'opened', stripe_account_id: opened.id }],
    ]);
    expect(world.logged.filter((line) => line.startsWith('recipient.account_not_used'))).toHaveLength(1);
  });

  it('opens another account when the opened one was connected to another recipient meanwhile', async () => {
    const tenant = await world.connected();
    const [id, other] = [await recipient(tenant), await recipient(tenant, { name: 'Bob' })];
    await world.stripe.scriptFaults({ kind: 'lose_answer', match: { path: '/v1/accounts', method: 'POST' } });
    await start(tenant, id);
    const [lost] = await atStripe(tenant);
    await world.send(tenant, {
      method: 'POST',
      url: `/api/v1/recipients/${other}/connected-account`,
      payload: { stripe_account_id: lost?.id },
    });
    const before = world.logged.length;
    const response = await start(tenant, id);
    const { stripe_account_id: fresh } = response.json<Link>();
    expect([response.statusCode, fresh]).toEqual([200, expect.not.stringMatching(`^${lost?.id}$`)]);
    expect(await openings(tenant, id)).toMatchObject([
      { generation: 1, state: 'opened', stripe_account_id: lost?.id },
      { generation: 2, state: 'opened', stripe_account_id: fresh },
    ]);
    expect([
      await status(tenant, id),
      await status(tenant, other),
      (await atStripe(tenant)).length,
    ]).toMatchObject([{ stripe_account_id: fresh }, { stripe_account_id: lost?.id }, 2]);
    const notUsed = world.logged
      .slice(before)
      .filter((line) => line.startsWith('recipient.account_not_used'));
    expect([notUsed.length, notUsed[0]]).toEqual([1, expect.stringContaining(`"taken_by_id":"${other}"`)]);
  });

  it('looks up the account of its own generation only', async () => {
    const tenant = await world.connected();
    const [id, other] = [await recipient(tenant), await recipient(tenant, { name: 'Bob' })];
    const lose = () =>
      world.stripe.scriptFaults({ kind: 'lose_answer', match: { path: '/v1/accounts', method: 'POST' } });
    await lose();
    await start(tenant, id);
    const [lost] = await atStripe(tenant);
    await world.send(tenant, {
      method: 'POST',
      url: `/api/v1/recipients/${other}/connected-account`,
      payload: { stripe_account_id: lost?.id },
    });
    // The key of the first generation is past the safe window: it is found by a look-up, and the one call of
    // this request is lost.
    await shiftBack(id, '25 hours', tenant);
    await lose();
    expect((await start(tenant, id)).json()).toMatchObject({ status: 503, code: 'provider_unreachable' });
    const fresh = (await atStripe(tenant)).find((account) => account.id !== lost?.id);
    await shiftBack(id, '25 hours', tenant);
    expect((await start(tenant, id)).json()).toMatchObject({ stripe_account_id: fresh?.id });
    expect([
      (await openings(tenant, id)).map((opening) => opening['stripe_account_id']),
      (await atStripe(tenant)).length,
    ]).toEqual([[lost?.id, fresh?.id], 2]);
  });

  it('looks up an account before it opens another one after the safe window', async () => {
    const tenant = await world.connected();
    const id = await recipient(tenant);
    await world.stripe.scriptFaults({ kind: 'lose_answer', match: { path: '/v1/accounts', method: 'POST' } });
    await start(tenant, id);
    await shiftBack(id, '25 hours', tenant);
    await world.stripe.createAccounts({ platform: tenant.secretKey, count: 150 });
    const before = (await creations()).length;
    expect((await start(tenant, id)).statusCode).toBe(200);
    expect([(await creations()).length, await openings(tenant, id)]).toMatchObject([
      before,
      [{ generation: 1, call_kind: 'look_up', state: 'opened' }],
    ]);
  });

  it('opens another one only after two empty look-ups, a quarantine apart', async () => {
    const tenant = await world.connected();
    const id = await recipient(tenant);
    await world.stripe.scriptFaults({
      kind: 'lose_request',
      match: { path: '/v1/accounts', method: 'POST' },
    });
    await start(tenant, id);
    await shiftBack(id, '25 hours', tenant);
    await world.stripe.scriptFaults({ kind: 'list_fails', match: { path: '/v1/accounts', method: 'GET' } });
    expect((await start(tenant, id)).json()).toMatchObject({ status: 503, code: 'provider_unreachable' });
    for (let tries = 0; tries < 2; tries++)
      expect((await start(tenant, id)).json()).toMatchObject({
        status: 409,
        code: 'account_opening_in_progress',
      });
    expect(await atStripe(tenant)).toEqual([]);
    await shiftBack(id, '11 minutes', tenant);
    const response = await start(tenant, id);
    expect([response.statusCode, await openings(tenant, id)]).toMatchObject([
      200,
      [
        { generation: 1, state: 'empty' },
        { generation: 2, state: 'opened', key: `account:${id}:g2` },
      ],
    ]);
    expect(await atStripe(tenant)).toHaveLength(1);
  });

  it('returns a retryable error for a rate limit and a conflict for a refused key', async () => {
    const tenant = await world.connected();
    const id = await recipient(tenant);
    const strike = (kind: 'rate_limited' | 'conflict' | 'unauthorized_401') =>
      world.stripe.scriptFaults({ kind, match: { path: '/v1/accounts', method: 'POST' } });
    await strike('rate_limited');
    expect((await start(tenant, id)).json()).toMatchObject({ status: 503, code: 'provider_unreachable' });
    await strike('unauthorized_401');
    expect((await start(tenant, id)).json()).toMatchObject({ status: 409, code: 'rail_account_refused' });
    expect(await openings(tenant, id)).toMatchObject([
      { generation: 1, ambiguous: false, state: 'open', calls: 2 },
    ]);
    expect((await start(tenant, id)).statusCode).toBe(200);
    expect(await openings(tenant, id)).toMatchObject([{ generation: 1, calls: 3, state: 'opened' }]);
  });

  it('is not ambiguous when an error of our own prevents the call', async () => {
    const tenant = await world.connected();
    const id = await recipient(tenant);
    const [stored] = await world.rows<{ secret_key: string }>(
      tenant.tenant,
      'SELECT secret_key FROM connections.rail_accounts WHERE id = $1',
      [tenant.railAccountId],
    );
    const seal = (text: string | undefined) =>
      world.rows(tenant.tenant, 'UPDATE connections.rail_accounts SET secret_key = $2 WHERE id = $1', [
        tenant.railAccountId,
        text,
      ]);
    await seal(`${stored?.secret_key.slice(0, -4)}AAAA`);
    expect((await start(tenant, id)).statusCode).toBe(500);
    expect(await openings(tenant, id)).toMatchObject([
      { state: 'open', ambiguous: false, lease_token: null, calls: 1, reason: 'rail_account_unavailable' },
    ]);
    await shiftBack(id, '25 hours', tenant);
    expect((await start(tenant, id)).statusCode).toBe(500);
    expect(await openings(tenant, id)).toMatchObject([
      { state: 'open', ambiguous: false, calls: 2, call_kind: 'look_up', reason: 'rail_account_unavailable' },
    ]);
    await seal(stored?.secret_key);
    expect((await start(tenant, id)).statusCode).toBe(200);
    expect([(await creations()).at(-1)?.idempotency_key, (await atStripe(tenant)).length]).toEqual([
      `account:${id}:g2`,
      1,
    ]);
  });
});
