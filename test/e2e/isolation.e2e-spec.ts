import { startApp, type TestApp, type TestTenant } from '../support';
import { filled, operationsOf, readDocument } from './support/openapi';

const REQUEST_ID = '0198b0f2-7c1e-7b3a-9d55-2f6f0b1c4e10';
const UNKNOWN_ID = '0198b0f2-7c1e-7b3a-9d55-000000000000';

interface Question {
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
  readonly key?: string;
}

/**
 * One tenant reads while another one works. The first gets the same bytes whatever the other does, so that it
 * can infer nothing.
 */
describe("a tenant's responses while another tenant's data change", () => {
  let world: TestApp;
  let reading: TestTenant;
  let working: TestTenant;
  let questions: Question[];
  let theirs: { settlement: string; transfer: string; recipient: string; account: string };

  beforeAll(async () => {
    // No scheduler: its runs show in the metrics, and belong to no tenant.
    world = await startApp({ env: { ROLES: 'api,worker' } });
    [reading, working] = [await world.tenant(), await world.tenant({ balances: { usd: 60_00 } })];
    const own = await settled(reading, 'contest-1');
    const { settlement, transfer, recipient } = await settled(working, 'contest-1');
    const [account] = await world.simulator.createAccounts({ platform: working.stripeKey });
    theirs = { settlement, transfer, recipient, account: account as string };
    questions = [...(await reads(own)), ...guesses(own), ...refusals(own)];
  });
  afterAll(() => world.close());

  async function settled(tenant: TestTenant, contest: string) {
    await tenant.listen();
    const recipients = await tenant.recipients(['ann', 'bob', 'cyn']);
    const { id: settlement } = await tenant.settle(contest, { ann: 10, bob: 20, cyn: 30 });
    const { id: job } = await tenant.paid(settlement);
    const transfer = (await tenant.transfersOf(settlement))[0]?.id as string;
    return { settlement, job, transfer, recipient: recipients.get('ann') as string };
  }

  /** Every read of the document, whole and in pages of one, the first page and the next. */
  async function reads(own: Awaited<ReturnType<typeof settled>>): Promise<Question[]> {
    const ids: Readonly<Record<string, string>> = {
      settlements: own.settlement,
      'payout-jobs': own.job,
      transfers: own.transfer,
      recipients: own.recipient,
    };
    const paths = operationsOf(await readDocument(world.url))
      .filter(({ method, path }) => method === 'GET' && path.startsWith('/api'))
      .map((operation) => filled(operation, () => ids[operation.path.split('/')[3] as string] ?? UNKNOWN_ID));
    const pages = await Promise.all(
      paths.map(async (path) => {
        const { status, body } = await reading.call<{ next?: string | null }>('GET', `${path}?limit=1`);
        return status === 200 ? [`${path}?limit=1`, ...(body.next ? [body.next] : [])] : [];
      }),
    );
    return [...paths, ...pages.flat()].map((path) => ({ method: 'GET', path }));
  }

  /** Requests that could reveal another tenant: its ids, and names that it may use. */
  function guesses({ recipient }: { recipient: string }): Question[] {
    const award = (external_id: string) => ({
      contest_id: 'guess',
      currency: 'USD',
      pool: '1.00',
      platform_share: '0.00',
      awards: [{ external_id, amount: '1.00' }],
    });
    return [
      ...[
        `/settlements/${theirs.settlement}`,
        `/transfers/${theirs.transfer}`,
        `/recipients/${theirs.recipient}`,
        `/transfers?recipient_id=${theirs.recipient}`,
        `/ledger/accounts?owner=${theirs.recipient}`,
        `/recipients?search=newcomer`,
        `/recipients/${theirs.recipient}/connect/status`,
      ].map((path) => ({ method: 'GET', path })),
      {
        method: 'POST',
        path: `/transfers/${theirs.transfer}/cancel`,
        body: { reason: 'mine' },
        key: 'cancel-theirs',
      },
      { method: 'POST', path: '/settlements/preview', body: award('newcomer') },
      { method: 'POST', path: '/settlements/preview', body: award('ann') },
      {
        method: 'POST',
        path: `/recipients/${recipient}/connected-account`,
        body: { stripe_account_id: theirs.account },
      },
      { method: 'PUT', path: '/connections/stripe', body: { secret_key: working.stripeKey } },
    ];
  }

  /** Invalid requests and repeats of the tenant itself. */
  function refusals({ transfer }: { transfer: string }): Question[] {
    return [
      {
        method: 'POST',
        path: '/recipients',
        body: { type: 'INDIVIDUAL', name: 'ann', country: 'US', external_id: 'ann' },
        key: 'ann-again',
      },
      {
        method: 'POST',
        path: `/transfers/${transfer}/cancel`,
        body: { reason: 'too late' },
        key: 'cancel-own',
      },
      { method: 'GET', path: `/transfers/${UNKNOWN_ID}` },
      { method: 'GET', path: '/recipients?limit=0' },
      { method: 'GET', path: '/recipients?cursor=abc' },
    ];
  }

  /** Bytes and headers, except times and the number of requests of the tenant itself. */
  async function responses(): Promise<Record<string, string>> {
    const responses: Record<string, string> = {};
    for (const [i, { method, path, body, key }] of questions.entries()) {
      const response = await reading.call(method, path, body, {
        'X-Request-Id': REQUEST_ID,
        ...(key ? { 'Idempotency-Key': key } : {}),
      });
      const headers = [...response.headers]
        .filter(([name]) => !/^(?:date|content-length|ratelimit-.*)$/.test(name))
        .map(([name, value]) => `${name}: ${value}`);
      responses[`${i} ${method} ${path}`] = [
        response.status,
        ...headers,
        response.text.replace(
          /"(?:as_of|last_used_at|checked_at)":(?:"[^"]+"|null)|"usage_count":\d+/g,
          '"own":"clock or count"',
        ),
      ].join('\n');
    }
    return responses;
  }

  /** Everything that a tenant can do, with the names that the other uses too. */
  async function live(): Promise<void> {
    const newcomers = Array.from({ length: 10 }, (_, i) => (i ? `newcomer-${i}` : 'newcomer'));
    const recipients = await working.recipients(newcomers);
    await working.must('POST', `/recipients/${recipients.get('newcomer')}/connected-account`, {
      stripe_account_id: theirs.account,
    });
    await working.must('PATCH', `/recipients/${theirs.recipient}`, { name: 'Another payee' });
    await working.must('PUT', '/tenant/settings', { allowed_currencies: ['USD', 'EUR'], max_attempts: 7 });
    const { id } = await working.settle('guess', Object.fromEntries(newcomers.map((name) => [name, 5])));
    await working.paid(id, (job) => (job.counts['waiting_for_funds'] ?? 0) > 0);
    await working.listen();
    const [account] = (await working.get<{ results: { id: string }[] }>('/connections/rail-accounts'))
      .results;
    await working.post(`/operations/rail-accounts/${account?.id}/pause`, { reason: 'a holiday' });
    await working.post('/operations/funding-facts', {
      rail_account_id: account?.id,
      direction: 'in',
      amount: '60.00',
      currency: 'USD',
      reference: 'wire-1',
      reason: 'statement',
    });
    const { id: cancelled } = await working.settle('contest-2', { ann: 1 });
    await working.post(`/settlements/${cancelled}/cancel`, { reason: 'a mistake' });
    await working.tick();
  }

  it('stay the same byte by byte', async () => {
    const before = await responses();
    // A response that changes by itself would prove nothing.
    await expect(responses()).resolves.toEqual(before);
    await live();
    await expect(responses()).resolves.toEqual(before);
    expect(questions.length).toBeGreaterThan(40);
  }, 60_000);
});
