import { type Caller, type RailWorld } from '../../connections/support/rail-world';

type Connected = Awaited<ReturnType<RailWorld['connected']>>;

export interface Link {
  readonly url: string;
  readonly expires_at: string;
  readonly stripe_account_id: string;
}

export const TO = { refresh_url: 'https://example.com/again', return_url: 'https://example.com/done' };

/** What a test of onboarding does and reads, through the API, the database and the simulator. */
export function onboarding(world: () => RailWorld) {
  async function recipient(by: Caller, more: object = {}): Promise<string> {
    const payload = { type: 'INDIVIDUAL', name: 'Ann', country: 'US', ...more };
    return (await world().send(by, { method: 'POST', url: '/api/v1/recipients', payload })).json<{
      id: string;
    }>().id;
  }
  const start = (by: Caller, id: string, to: object = TO) =>
    world().send(by, { method: 'POST', url: `/api/v1/recipients/${id}/connect/onboarding`, payload: to });
  const status = async (by: Caller, id: string) =>
    (await world().send(by, { url: `/api/v1/recipients/${id}/connect/status` })).json<
      Record<string, unknown>
    >();
  const openings = (of: Caller, id: string) =>
    world().rows<Record<string, unknown>>(
      of.tenant,
      'SELECT * FROM recipients.account_openings WHERE recipient_id = $1 ORDER BY generation',
      [id],
    );
  const eventsOf = (of: Caller) =>
    world()
      .outbox.of(of.tenant)
      .map((event) => event.name)
      .filter((name) => name.startsWith('recipient.'));
  /** The accounts at Stripe, read with the platform's own key and not by our API. */
  async function atStripe(
    of: Connected,
  ): Promise<
    { id: string; metadata: Record<string, string>; capabilities: object; business_type: string | null }[]
  > {
    const response = await fetch(`${world().stripe.url}/v1/accounts?limit=100`, {
      headers: { Authorization: `Bearer ${of.secretKey}` },
    });
    return ((await response.json()) as { data: never[] }).data;
  }
  const creations = async () =>
    (await world().stripe.allCalls()).filter(
      (call) => call.method === 'POST' && call.path === '/v1/accounts',
    );
  /** Moves all times of the opening back, as if so much time had passed. */
  const shiftBack = (id: string, since: string, of: Caller) =>
    world().rows(
      of.tenant,
      `UPDATE recipients.account_openings
        SET first_sent_at = first_sent_at - $2::interval, last_sent_at = last_sent_at - $2::interval,
        look_up_empty_at = look_up_empty_at - $2::interval, lease_until = lease_until - $2::interval
        WHERE recipient_id = $1`,
      [id, since],
    );

  return { recipient, start, status, openings, eventsOf, atStripe, creations, shiftBack };
}
