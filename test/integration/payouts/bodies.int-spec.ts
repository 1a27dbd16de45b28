import { Client } from 'pg';
import { startApp, type TestApp, type TestTenant } from '../../support';
import { become, newKey, pay, type PayoutShown, shown } from './support/payouts';

const ACCOUNT = 'DE89370400440532013000';
const NESTED = 5_000;

/**
 * What may stand in a request about payouts, and what never stands in an answer. The whole program works
 * here.
 */
describe('What is said about payouts', () => {
  let world: TestApp;
  let tenant: TestTenant;
  let admin: Client;
  let ann: string;

  beforeAll(async () => {
    world = await startApp();
    tenant = await world.tenant();
    admin = new Client({ connectionString: world.urls.admin });
    await admin.connect();
    ann = (await tenant.recipients(['ann'], { connected: false })).get('ann') as string;
  });
  afterAll(async () => {
    await admin.end();
    await world.close();
  });

  type Refused = PayoutShown & { code: string; errors?: Record<string, string[]> };
  const order = () => ({ recipient_id: ann, amount: '1.00', currency: 'USD' });
  const post = (path: string, body: unknown) =>
    tenant.call<Refused>('POST', path, body, { 'Idempotency-Key': newKey() });
  const refusal = ({ status, body }: { status: number; body: Refused }) => [
    status,
    body.code,
    ...Object.keys(body.errors ?? {}),
  ];

  /** Names of the columns and of what is answered, as the wire and as our code write them. */
  async function everyName(known: PayoutShown): Promise<string[]> {
    const { rows } = await admin.query<{ name: string }>(
      `SELECT column_name AS name FROM information_schema.columns WHERE table_schema = 'payouts'
        AND table_name = 'payouts'`,
    );
    const names = [
      ...rows.map(({ name }) => name),
      ...Object.keys(known),
      'tenantId',
      'amountMinor',
      'createdBy',
      'idempotencyKey',
      'id[]',
      'actor',
    ];
    return [...new Set(names)];
  }

  it('names no field that is ours to fill in, neither of one payout nor of many', async () => {
    const known = await pay(tenant, ann);
    const names = await everyName(known);
    expect(names).toEqual(
      expect.arrayContaining([
        'tenant_id',
        'state',
        'amount_minor',
        'transfer_id',
        'created_by',
        'status',
        'account_number_snapshot',
      ]),
    );
    const { total } = await count();
    const given = ['recipient_id', 'amount', 'currency', 'rail', 'description', 'metadata'];
    for (const name of names.filter((one) => !given.includes(one))) {
      const value = (known as unknown as Record<string, unknown>)[name] ?? 'COMPLETED';
      expect(refusal(await post('/payouts', { ...order(), [name]: value }))).toEqual([
        422,
        'validation_failed',
        name,
      ]);
      expect(
        refusal(await post('/payouts/batch', { payouts: [order(), { ...order(), [name]: value }] })),
      ).toEqual([422, 'validation_failed', `payouts[1].${name}`]);
      expect(
        refusal(await post(`/payouts/${known.id}/cancel`, { [name]: name === 'reason' ? 7 : value })),
      ).toEqual([422, 'validation_failed', name]);
    }
    expect((await count()).total).toBe(total);
  });

  it('changes nothing of a payout but its status', async () => {
    const known = await pay(tenant, ann);
    const before = await become(tenant, known.id, 'PROCESSING');
    for (const name of (await everyName(known)).filter(
      (one) => !['status', 'reason', 'external_id'].includes(one),
    )) {
      const value = (known as unknown as Record<string, unknown>)[name] ?? 'x';
      expect(
        refusal(await tenant.call('PATCH', `/payouts/${known.id}`, { status: 'FAILED', [name]: value })),
      ).toEqual([422, 'validation_failed', name]);
    }
    expect(await shown(tenant, known.id)).toEqual(before);
  });

  it.each<[string, unknown]>([
    ['51 keys', Object.fromEntries(Array.from({ length: 51 }, (_, n) => [`k${n}`, 'v']))],
    ['a key of 41', { ['k'.repeat(41)]: 'v' }],
    ['a key of none', { '': 'v' }],
    ['a value of 501', { k: 'v'.repeat(501) }],
    ['a number', { k: 1 }],
    ['null', { k: null }],
    ['a list', []],
    ['an object in it', { k: { k: 'v' } }],
    ['text', 'k=v'],
  ])('takes no metadata with %s', async (_what, metadata) => {
    expect(refusal(await post('/payouts', { ...order(), metadata }))).toEqual([
      422,
      'validation_failed',
      'metadata',
    ]);
  });

  it('takes as much metadata and description as it says, and answers them as they came', async () => {
    const metadata = Object.fromEntries(
      Array.from({ length: 50 }, (_, n) => [`${n}-`.padEnd(40, 'k'), '"<b>🙂\\'.padEnd(500, 'ä')]),
    );
    for (const description of [
      'x'.repeat(500),
      `Ünïcode 🙂 "quoted" <b>&amp;</b> \\u0000 '; DROP TABLE payouts.payouts; --`,
      'ｆｕｌｌ ‮right to left',
    ]) {
      const made = await pay(tenant, ann, '1.00', { description, metadata });
      expect(made).toMatchObject({ description, metadata });
      expect(await shown(tenant, made.id)).toMatchObject({ description, metadata });
    }
  });

  it.each([
    ['NUL', '"a\\u0000b"'],
    ['a control character', '"a\\u001bb"'],
    ['a line end', '"a\\nb"'],
    ['a C1 control', '"a\\u0085b"'],
    ['half of a character', '"a\\ud800b"'],
    ['the other half', '"\\udc00"'],
    ['blanks only', '"  \\u00a0"'],
    ['nothing', '""'],
    ['501 characters', `"${'x'.repeat(501)}"`],
    ['a number', '1'],
    ['a list', '["a"]'],
    ['an object', '{"toString":"a"}'],
  ])('takes no description with %s', async (_what, text) => {
    const body = (field: string) => JSON.stringify({ ...order(), [field]: '@' }).replace('"@"', text);
    const answer = await post('/payouts', body('description'));
    expect([answer.status, answer.body.code]).toEqual([422, 'validation_failed']);
    const { id } = await pay(tenant, ann);
    const reason = await tenant.call(
      'PATCH',
      `/payouts/${id}`,
      JSON.stringify({ status: 'FAILED', reason: '@' }).replace('"@"', text),
    );
    expect(reason.status).toBe(422);
  });

  it.each(['metadata', 'description', 'payouts', 'unknown'])('takes nothing deep, in %s', async (field) => {
    for (const [open, close] of [
      ['[', ']'],
      ['{"a":', '}'],
    ] as const) {
      const deep = JSON.stringify({ ...order(), [field]: '@' }).replace(
        '"@"',
        `${open.repeat(NESTED)}1${close.repeat(NESTED)}`,
      );
      for (const path of ['/payouts', '/payouts/batch']) expect((await post(path, deep)).status).toBe(400);
    }
  });

  it('shows the end of an account number, and keeps the number nowhere in the clear', async () => {
    const { id: bob } = await tenant.must<{ id: string }>('POST', '/recipients', {
      type: 'INDIVIDUAL',
      name: 'Bob',
      country: 'DE',
      account_number: ACCOUNT,
      bank_code: 'COBADEFFXXX',
      external_id: newKey(),
    });
    const made = await tenant.call<PayoutShown>(
      'POST',
      '/payouts',
      { ...order(), recipient_id: bob },
      { 'Idempotency-Key': newKey() },
    );
    expect(made.body.account_number_snapshot).toBe('****3000');
    const { id } = made.body;
    await become(tenant, id, 'PROCESSING');
    await tenant.must('PATCH', `/payouts/${id}`, { status: 'COMPLETED', external_id: 'SEPA-1' });
    const paths = [
      `/payouts/${id}`,
      `/payouts/${id}/events`,
      '/payouts?limit=100',
      `/audit-log?entity_kind=payout&entity_id=${id}`,
      '/ledger/entries',
      '/transfers',
      `/recipients/${bob}`,
    ];
    const answers = await Promise.all(paths.map((path) => tenant.call('GET', path)));
    expect(answers.map(({ status }) => status)).toEqual(paths.map(() => 200));
    for (const { text } of [made, ...answers])
      for (const part of [ACCOUNT, '0532013', '37040044']) expect(text).not.toContain(part);
    expect(await tablesWith(bob)).toEqual(
      expect.arrayContaining(['payouts.payouts', 'platform.idempotency_keys', 'platform.audit_log']),
    );
    expect(await tablesWith('37040044')).toEqual([]);
  });

  async function count(): Promise<{ total: number }> {
    const { rows } = await admin.query<{ total: string }>(
      'SELECT count(*) AS total FROM payouts.payouts WHERE tenant_id = $1',
      [tenant.id],
    );
    return { total: Number(rows[0]?.total) };
  }

  /** Tables that hold this text in any column, as text or as bytes. */
  async function tablesWith(text: string): Promise<string[]> {
    const { rows } = await admin.query<{ name: string }>(
      `SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables
        WHERE schemaname NOT IN ('pg_catalog', 'information_schema')`,
    );
    const found: string[] = [];
    for (const { name } of rows) {
      const { rowCount } = await admin.query(
        `SELECT FROM ${name} t WHERE t::text ILIKE '%' || $1 || '%'
          OR t::text ILIKE '%' || encode($1::bytea, 'hex') || '%' LIMIT 1`,
        [text],
      );
      if (rowCount) found.push(name);
    }
    return found;
  }
});
