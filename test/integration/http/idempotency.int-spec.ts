import { Authenticator, AuthorizedTransaction } from '../../../src/platform/access';
import { Idempotency, KEPT_DAYS, purgeIdempotencyKeys } from '../../../src/platform/idempotency';
import { StoredResponses } from '../../../src/platform/idempotency/stored-responses';
import type { Principal } from '../../../src/kernel/principal';
import { Client } from 'pg';
import type { FastifyRequest } from 'fastify';
import { fingerprintOf } from '../../../src/platform/idempotency/fingerprint';
import { probe } from './support/probe.controller';
import { testApp, type Caller, type TestApp } from './support/test-app';

const BODY = { amount: '1.00', currency: 'usd' };
let t: TestApp;

function post(caller: Caller, key: string, payload: object | string = BODY) {
  return t.send(caller, {
    method: 'POST',
    url: '/api/v1/probe',
    headers: { 'idempotency-key': key, 'content-type': 'application/json' },
    payload,
  });
}

/** The gate every work waits at; opened by the test. */
function closeGate(): { open: () => void; entered: Promise<void> } {
  let open = (): void => undefined;
  probe.gate = new Promise((resolve) => (open = resolve));
  const entered = new Promise<void>((resolve) => (probe.entered = resolve));
  return { open, entered };
}

/** A process of its own: what the first remembers of running requests, it does not know. */
function process2(): Idempotency {
  return new Idempotency(
    t.db.uow,
    new AuthorizedTransaction(t.db.uow, t.app.get(Authenticator, { strict: false })),
    new StoredResponses(t.db.uow),
  );
}

function requestAs(key: string): FastifyRequest {
  return {
    method: 'POST',
    routeOptions: { url: '/api/v1/other', config: {} },
    params: {},
    query: {},
    headers: { 'idempotency-key': key },
  } as unknown as FastifyRequest;
}

beforeAll(async () => {
  t = await testApp({ pool: { poolMax: 10 } });
});
afterAll(async () => t.close());
beforeEach(() => {
  probe.works = 0;
  probe.gate = Promise.resolve();
  probe.entered = () => undefined;
});

describe('an idempotency key', () => {
  it('answers fifty requests at once with one execution and the same bytes', async () => {
    const caller = await t.caller();
    const answers = await Promise.all(Array.from({ length: 50 }, () => post(caller, 'fifty-at-once')));
    expect(new Set(answers.map((a) => a.body))).toEqual(new Set(['{"z":1,"a":"1.00","currency":"USD"}']));
    expect(answers.filter((a) => a.statusCode === 201)).toHaveLength(1);
    expect(
      answers.filter((a) => a.statusCode === 200 && a.headers['idempotent-replayed'] === 'true'),
    ).toHaveLength(49);
    expect(await t.effects(caller.tenant)).toBe(1n);
  });

  it('holds between processes: whoever comes second waits at the index and answers what the first kept', async () => {
    const { tenant, keyId } = await t.caller();
    const principal: Principal = {
      tenantId: tenant,
      kind: 'api_key',
      id: keyId,
      name: '',
      scopes: [],
      actorChain: [],
      since: null,
      accessEpoch: '0',
    };
    let works = 0;
    const gate = closeGate();
    const run = () =>
      process2().execute(requestAs('two-processes'), principal, async () => {
        works++;
        probe.entered();
        await probe.gate;
        return { status: 201, body: { b: 1, a: 2 } };
      });
    const first = run();
    await gate.entered;
    const second = run();
    gate.open();
    const [one, two] = await Promise.all([first, second]);
    expect(works).toBe(1);
    expect([two.status, two.replayed, two.bytes.toString()]).toEqual([200, true, one.bytes.toString()]);
  });

  it('keeps the first answer to the byte, Location included, and 200 stands where 201 stood', async () => {
    const caller = await t.caller();
    const first = await post(caller, 'kept-to-the-byte');
    const again = await post(caller, '  kept-to-the-byte  ', '{ "currency":"usd", "amount":"1.00" }');
    expect([first.statusCode, again.statusCode]).toEqual([201, 200]);
    expect(again.rawPayload.equals(first.rawPayload)).toBe(true);
    expect(again.headers).toMatchObject({ location: '/api/v1/probe/1', 'idempotent-replayed': 'true' });
    expect(first.headers).not.toHaveProperty('idempotent-replayed');
  });

  it.each([
    ['other content', { ...BODY, amount: '2.00' }],
    ['content that is not valid', { amount: 1 }],
  ])('is refused with 422 for %s', async (_what, payload) => {
    const caller = await t.caller();
    await post(caller, 'other-content');
    const refused = await post(caller, 'other-content', payload);
    expect([refused.statusCode, codeOf(refused)]).toEqual([422, 'idempotency_key_reused']);
    expect(await t.effects(caller.tenant)).toBe(1n);
  });

  it('answers a repeat before validation, which may have become stricter since', async () => {
    const caller = await t.caller();
    await post(caller, 'stricter-since');
    const admin = new Client({ connectionString: t.db.urls.admin });
    await admin.connect();

    const body = { amount: 'was valid once', currency: 'usd' };
    const request = {
      method: 'POST',
      routeOptions: { url: '/api/v1/probe', config: {} },
      params: {},
      query: {},
      body,
    } as unknown as FastifyRequest;
    await admin.query('UPDATE platform.idempotency_keys SET fingerprint = $2 WHERE tenant_id = $1', [
      caller.tenant,
      fingerprintOf(request),
    ]);
    await admin.end();
    const repeat = await post(caller, 'stricter-since', body);
    expect([repeat.statusCode, repeat.body]).toEqual([200, '{"z":1,"a":"1.00","currency":"USD"}']);
  });

  it('stays free when the work refuses, and nothing of the work remains', async () => {
    const caller = await t.caller();
    const refused = await post(caller, 'work-refuses', { ...BODY, note: 'refuse' });
    expect(refused.json()).toMatchObject({
      status: 409,
      code: 'overdrawn',
      missing_minor: '9007199254740993',
    });
    expect(await t.effects(caller.tenant)).toBe(0n);
    expect((await post(caller, 'work-refuses')).statusCode).toBe(201);
  });

  it('stays free when validation refuses', async () => {
    const caller = await t.caller();
    expect((await post(caller, 'validation-refuses', { amount: 1 })).statusCode).toBe(422);
    expect((await post(caller, 'validation-refuses')).statusCode).toBe(201);
  });

  it.each([
    ['in this process', (caller: Caller) => post(caller, 'still-running')],
    ['in another process', (caller: Caller) => elsewhere(caller, 'still-running')],
  ])('of a request that runs %s is waited for two seconds, then refused with 409', async (_where, repeat) => {
    const caller = await t.caller();
    const gate = closeGate();
    const first = post(caller, 'still-running');
    await gate.entered;
    const startedMs = performance.now();
    const { status, code, retryAfter } = await outcomeOf(repeat(caller));
    const waitedMs = performance.now() - startedMs;
    gate.open();
    expect([status, code, retryAfter]).toEqual([409, 'idempotency_key_in_use', '2']);
    expect(waitedMs).toBeGreaterThan(1_900);
    expect(waitedMs).toBeLessThan(3_500);
    expect((await first).statusCode).toBe(201);
  });

  it('keeps its waiting repeats off the connections: others are served meanwhile', async () => {
    const [caller, other] = [await t.caller(), await t.caller()];
    const gate = closeGate();
    const first = post(caller, 'many-are-waiting');
    await gate.entered;
    let answered = 0;
    const repeats = Array.from({ length: 20 }, async () => {
      const answer = await post(caller, 'many-are-waiting');
      answered++;
      return answer.statusCode;
    });
    expect((await t.send(other, { url: '/api/v1/api-keys/self' })).statusCode).toBe(200);
    expect(answered).toBe(0);
    gate.open();
    expect((await first).statusCode).toBe(201);
    expect(await Promise.all(repeats)).toEqual(Array(20).fill(200));
  });

  it('is taken over by a repeat that waited, when the first request fails', async () => {
    const caller = await t.caller();
    const gate = closeGate();
    const first = post(caller, 'first-one-fails', { ...BODY, note: 'refuse' });
    await gate.entered;
    const second = post(caller, 'first-one-fails');
    gate.open();
    expect((await first).statusCode).toBe(409);
    expect((await second).statusCode).toBe(201);
  });

  it('belongs to its tenant: two tenants use the same one without meeting', async () => {
    const [a, b] = [await t.caller(), await t.caller()];
    const answers = [
      await post(a, 'same-for-both'),
      await post(b, 'same-for-both', { ...BODY, amount: '2.00' }),
    ];
    expect(answers.map((x) => x.statusCode)).toEqual([201, 201]);
    expect(await t.effects(a.tenant)).toBe(1n);
    expect(await t.effects(b.tenant)).toBe(1n);
  });

  it.each([['short'], ['has a space'], ['x'.repeat(256)], ['ümlaut-key']])(
    'of another shape is refused: %s',
    async (key) => {
      const refused = await post(await t.caller(), key);
      expect([refused.statusCode, codeOf(refused)]).toEqual([400, 'idempotency_key_invalid']);
    },
  );

  it('is required where the route says so', async () => {
    const refused = await t.send(await t.caller(), { method: 'POST', url: '/api/v1/probe', payload: BODY });
    expect([refused.statusCode, codeOf(refused)]).toEqual([400, 'idempotency_key_missing']);
  });

  it('is forgotten after its time and not before', async () => {
    const caller = await t.caller();
    await post(caller, 'old-enough-to-go');
    await post(caller, 'young-enough-to-stay');
    const admin = new Client({ connectionString: t.db.urls.admin });
    await admin.connect();
    await admin.query(
      `UPDATE platform.idempotency_keys SET created_at = now() - make_interval(days => $2, secs => 1)
        WHERE tenant_id = $1 AND key LIKE 'old%'`,
      [caller.tenant, KEPT_DAYS],
    );
    await admin.end();
    expect(await purgeIdempotencyKeys(t.db.uow)).toBe(1);
    expect((await post(caller, 'young-enough-to-stay')).statusCode).toBe(200);
    expect((await post(caller, 'old-enough-to-go')).statusCode).toBe(201);
  });
});

function codeOf(answer: Awaited<ReturnType<typeof post>>): string {
  return answer.json<{ code: string }>().code;
}

function elsewhere({ tenant, keyId }: Caller, key: string) {
  const principal: Principal = {
    tenantId: tenant,
    kind: 'api_key',
    id: keyId,
    name: '',
    scopes: [],
    actorChain: [],
    since: null,
    accessEpoch: '0',
  };
  return process2().execute(requestAs(key), principal, () => Promise.reject(new Error('must not run')));
}

async function outcomeOf(
  running: Promise<unknown>,
): Promise<{ status: number; code: string; retryAfter: unknown }> {
  try {
    const answer = (await running) as Awaited<ReturnType<typeof post>>;
    return { status: answer.statusCode, code: codeOf(answer), retryAfter: answer.headers['retry-after'] };
  } catch (error) {
    const { status, code, headers } = error as {
      status: number;
      code: string;
      headers: Record<string, string>;
    };
    return { status, code, retryAfter: headers['retry-after'] };
  }
}
