import Stripe from 'stripe';
import { newId } from '../../../src/kernel/ids';
import { RailWorld } from './support/rail-world';

type Connected = Awaited<ReturnType<RailWorld['connected']>>;

const SECRET = 'whsec_one_two_three';

describe("the provider's events", () => {
  let world: RailWorld;
  let tenant: Connected;
  let endpoint: string;

  beforeAll(async () => {
    world = await RailWorld.start();
    tenant = await world.connected();
    endpoint = await open(tenant, 'account');
  });
  afterAll(() => world.close());

  async function open(caller: Connected, family: 'account' | 'connect', secret = SECRET): Promise<string> {
    const answer = await world.send(caller, {
      method: 'POST',
      url: '/api/v1/connections/webhook-endpoints',
      payload: { family, secret },
    });
    expect(answer.statusCode).toBe(201);
    return answer.json<{ id: string }>().id;
  }

  const event = (over: Record<string, unknown> = {}): Record<string, unknown> => ({
    id: `evt_${newId()}`,
    object: 'event',
    type: 'transfer.created',
    livemode: false,
    created: 1_763_712_000,
    data: { object: { id: 'tr_1', metadata: {} } },
    ...over,
  });
  const signed = (payload: string, secret = SECRET, timestamp?: number) =>
    Stripe.webhooks.generateTestHeaderString({ payload, secret, timestamp });
  const post = (to: string, payload: string, signature?: string) =>
    world.app.inject({
      method: 'POST',
      url: `/api/v1/webhooks/stripe/${to}`,
      payload,
      headers: {
        'content-type': 'application/json',
        ...(signature ? { 'stripe-signature': signature } : {}),
      },
    });
  const send = (to: string, sent: Record<string, unknown>) =>
    post(to, JSON.stringify(sent), signed(JSON.stringify(sent)));
  const kept = (of = tenant) =>
    world.rows<{ provider_event_id: string; unmatched_reason: string | null }>(
      of.tenant,
      'SELECT provider_event_id, unmatched_reason FROM connections.provider_events',
    );

  it('are written once and passed on by what they are about', async () => {
    const sent = event();
    expect((await send(endpoint, sent)).json()).toEqual({ received: true });
    expect(world.outbox.of(tenant.tenant, 'provider_event.transfer').at(-1)?.payload).toEqual({
      endpoint_id: endpoint,
      rail_account_id: tenant.railAccountId,
      provider_event_id: sent['id'],
      object_id: 'tr_1',
      type: 'transfer.created',
    });
    await send(endpoint, event({ type: 'balance.available', data: { object: { object: 'balance' } } }));
    await send(endpoint, event({ type: 'topup.succeeded', data: { object: { id: 'tu_1' } } }));
    expect(
      world.outbox.of(tenant.tenant, 'provider_event.funds').map((event) => event.payload['object_id']),
    ).toEqual(['', 'tu_1']);
  });

  it('have one effect when fifty copies come at once, and each copy is answered 200', async () => {
    const sent = event();
    const answers = await Promise.all(Array.from({ length: 50 }, () => send(endpoint, sent)));
    expect(new Set(answers.map((answer) => answer.statusCode))).toEqual(new Set([200]));
    expect((await kept()).filter((row) => row.provider_event_id === sent['id'])).toHaveLength(1);
    expect(
      world.outbox.published.filter((event) => event.payload['provider_event_id'] === sent['id']),
    ).toHaveLength(1);
  });

  it('change nothing and leave no row when they are forged, old, altered, empty or unsigned', async () => {
    const before = (await kept()).length;
    const body = JSON.stringify(event());
    const old = Math.floor(Date.now() / 1000) - 301;
    const answers = [
      await post(endpoint, body),
      await post(endpoint, body, 'nonsense'),
      await post(endpoint, body, signed(body, 'whsec_another_one')),
      await post(endpoint, body, signed(body, SECRET, old)),
      await post(endpoint, `${body} `, signed(body)),
      await post(endpoint, '', signed('')),
      await post(endpoint, body, signed(body).replace('v1=', 'v0=')),
    ];
    for (const answer of answers)
      expect(answer.json()).toMatchObject({ status: 400, code: 'webhook_signature_invalid' });
    expect(await kept()).toHaveLength(before);
  });

  it('are still taken when they are almost five minutes old', async () => {
    const body = JSON.stringify(event());
    expect(
      (await post(endpoint, body, signed(body, SECRET, Math.floor(Date.now() / 1000) - 290))).statusCode,
    ).toBe(200);
  });

  it('of another mode, account, tenant or kind are kept and passed on to nobody', async () => {
    const strangers: [string, Record<string, unknown>][] = [
      ['other_mode', event({ livemode: true })],
      ['other_account', event({ account: 'acct_somebody_else' })],
      ['other_tenant', event({ data: { object: { id: 'tr_2', metadata: { disburse_tenant: newId() } } } })],
      ['type_not_used', event({ type: 'charge.succeeded' })],
      ['type_not_used', event({ type: 'account.updated' })],
    ];
    const publishedBefore = world.outbox.published.length;
    for (const [, sent] of strangers) expect((await send(endpoint, sent)).statusCode).toBe(200);
    expect(world.outbox.published).toHaveLength(publishedBefore);
    const reasons = new Map((await kept()).map((row) => [row.provider_event_id, row.unmatched_reason]));
    expect(strangers.map(([, sent]) => reasons.get(sent['id'] as string))).toEqual(
      strangers.map(([reason]) => reason),
    );
  });

  it('of connected accounts come to an endpoint of their own, where our own types do not count', async () => {
    const connect = await open(tenant, 'connect');
    await send(
      connect,
      event({ type: 'account.updated', account: 'acct_ann', data: { object: { id: 'acct_ann' } } }),
    );
    expect(world.outbox.of(tenant.tenant, 'provider_event.account')).toHaveLength(1);
    const publishedBefore = world.outbox.published.length;
    await send(connect, event({ type: 'transfer.created', account: 'acct_ann' }));
    await send(connect, event({ type: 'account.updated', data: { object: { id: tenant.accountId } } }));
    expect(world.outbox.published).toHaveLength(publishedBefore);
  });

  it('are not found at an address nobody has, and one tenant cannot sign for another', async () => {
    const body = JSON.stringify(event());
    for (const nowhere of [newId(), 'x', '%00'])
      expect((await post(nowhere, body, signed(body))).statusCode).toBe(404);
    const other = await world.connected();
    const theirs = await open(other, 'account', 'whsec_of_the_other_tenant');
    expect((await post(theirs, body, signed(body))).statusCode).toBe(400);
    expect(await kept(other)).toEqual([]);
  });

  it('signed with the old secret are taken until it is dropped', async () => {
    const rolled = await open(tenant, 'account', 'whsec_before_it');
    const url = `/api/v1/connections/webhook-endpoints/${rolled}`;
    expect(
      (
        await world.send(tenant, {
          method: 'PUT',
          url: `${url}/secret`,
          payload: { secret: 'whsec_after_it' },
        })
      ).statusCode,
    ).toBe(204);
    const by = async (secret: string) => {
      const body = JSON.stringify(event());
      return (await post(rolled, body, signed(body, secret))).statusCode;
    };
    expect([await by('whsec_before_it'), await by('whsec_after_it')]).toEqual([200, 200]);
    const listed = await world.send(tenant, { url: '/api/v1/connections/webhook-endpoints' });
    expect(listed.body).not.toContain('whsec');
    expect(
      listed.json<{ results: { id: string; secrets: number }[] }>().results.find((row) => row.id === rolled)
        ?.secrets,
    ).toBe(2);
    await world.send(tenant, { method: 'DELETE', url: `${url}/previous-secret` });
    expect([await by('whsec_before_it'), await by('whsec_after_it')]).toEqual([400, 200]);
    const stranger = await world.connected();
    expect(
      (
        await world.send(stranger, {
          method: 'PUT',
          url: `${url}/secret`,
          payload: { secret: 'whsec_of_a_stranger' },
        })
      ).statusCode,
    ).toBe(404);
  });

  it('are asked for again when the database fails: 503, and nothing of the delivery is left', async () => {
    const sent = event();
    const release = await lockedEvents(world);
    try {
      const refused = await send(endpoint, sent);
      expect(refused.statusCode).toBe(503);
      expect(refused.headers['retry-after']).toBe('1');
    } finally {
      await release();
    }
    expect((await kept()).map((row) => row.provider_event_id)).not.toContain(sent['id']);
    expect((await send(endpoint, sent)).statusCode).toBe(200);
    expect(
      world.outbox.published.filter((event) => event.payload['provider_event_id'] === sent['id']),
    ).toHaveLength(1);
  });
});

/** Holds the table of events, as a stuck migration would, so that every insert runs into the lock timeout. */
async function lockedEvents(world: RailWorld): Promise<() => Promise<void>> {
  const { Client } = await import('pg');
  const admin = new Client({ connectionString: world.db.urls.admin });
  await admin.connect();
  await admin.query('BEGIN; LOCK TABLE connections.provider_events IN ACCESS EXCLUSIVE MODE');
  return async () => {
    await admin.query('ROLLBACK');
    await admin.end();
  };
}
