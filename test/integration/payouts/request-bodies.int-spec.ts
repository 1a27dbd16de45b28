import { Client } from 'pg';
import { startApp, type TestApp, type TestTenant } from '../../support';
import { waitForStatus, newKey, pay, type PayoutJson, getPayout } from './support/payouts';

const ACCOUNT = 'DE89370400440532013000';
const NESTED = 5_000;

describe('Bodies of payout requests and responses', () => {
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

  type ErrorResponse = PayoutJson & { code: string; errors?: Record<string, string[]> };
  const order = () => ({ recipient_id: ann, amount: '1.00', currency: 'USD' });
  const post = (path: string, body: unknown) =>
    tenant.call<ErrorResponse>('POST', path, body, { 'Idempotency-Key': newKey() });
  const errorOf = ({ status, body }: { status: number; body: ErrorResponse }) => [
    status,
    body.code,
    ...Object.keys(body.errors ?? {}),
  ];

  /** Names of columns and of response fields, in snake_case and in camelCase. */
  async function everyName(existing: PayoutJson): Promise<string[]> {
    const { rows } = await admin.query<{ name: string }>(
      `SELECT column_name AS name FROM information_schema.columns WHERE table_schema = 'payouts'
        AND table_name = 'payouts'`,
    );
    const names = [
      ...rows.map(({ name }) => name),
      ...Object.keys(existing),
      'tenantId',
      'amountMinor',
      'createdBy',
      'idempotencyKey',
      'id[]',
      'actor',
    ];
    return [...new Set(names)];
  }

  it('rejects every field that clients may not set, in one payout and in a batch', async () => {
    const existing = await pay(tenant, ann);
    const names = await everyName(existing);
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
      const value = (existing as unknown as Record<string, unknown>)[name] ?? 'COMPLETED';
      expect(errorOf(await post('/payouts', { ...order(), [name]: value }))).toEqual([
        422,
        'validation_failed',
        name,
      ]);
      expect(
        errorOf(await post('/payouts/batch', { payouts: [order(), { ...order(), [name]: value }] })),
      ).toEqual([422, 'validation_failed', `payouts[1].${name}`]);
      expect(
        errorOf(await post(`/payouts/${existing.id}/cancel`, { [name]: name === 'reason' ? 7 : value })),
      ).toEqual([422, 'validation_failed', name]);
    }
    expect((await count()).total).toBe(total);
  });

  it('accepts no field but status, reason and external_id in a change', async () => {
    const existing = await pay(tenant, ann);
    const before = await waitForStatus(tenant, existing.id, 'PROCESSING');
    for (const name of (await everyName(existing)).filter(
      (one) => !['status', 'reason', 'external_id'].includes(one),
    )) {
      const value = (existing as unknown as Record<string, unknown>)[name] ?? 'x';
      expect(
        errorOf(await tenant.call('PATCH', `/payouts/${existing.id}`, { status: 'FAILED', [name]: value })),
      ).toEqual([422, 'validation_failed', name]);
    }
    expect(await getPayout(tenant, existing.id)).toEqual(before);
  });

  it.each<[string, unknown]>([
    ['51 keys', Object.fromEntries(Array.from({ length: 51 }, (_, n) => [`k${n}`, 'v']))],
    ['a key of 41 characters', { ['k'.repeat(41)]: 'v' }],
    ['an empty key', { '': 'v' }],
    ['a value of 501 characters', { k: 'v'.repeat(501) }],
    ['a number', { k: 1 }],
    ['null', { k: null }],
    ['a list', []],
    ['a nested object', { k: { k: 'v' } }],
    ['text', 'k=v'],
  ])('rejects metadata with %s', async (_what, metadata) => {
    expect(errorOf(await post('/payouts', { ...order(), metadata }))).toEqual([
      422,
      'validation_failed',
      'metadata',
    ]);
  });

  it('stores metadata and description up to the limits and returns them unchanged', async () => {
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
      expect(await getPayout(tenant, made.id)).toMatchObject({ description, metadata });
    }
  });

  it.each([
    ['NUL', '"a\\u0000b"'],
    ['a control character', '"a\\u001bb"'],
    ['a line end', '"a\\nb"'],
    ['a C1 control', '"a\\u0085b"'],
    ['a high surrogate alone', '"a\\ud800b"'],
    ['a low surrogate alone', '"\\udc00"'],
    ['blanks only', '"  \\u00a0"'],
    ['nothing', '""'],
    ['501 characters', `"${'x'.repeat(501)}"`],
    ['a number', '1'],
    ['a list', '["a"]'],
    ['an object', '{"toString":"a"}'],
  ])('rejects a description or reason with %s', async (_what, text) => {
    const body = (field: string) => JSON.stringify({ ...order(), [field]: '@' }).replace('"@"', text);
    const response = await post('/payouts', body('description'));
    expect([response.status, response.body.code]).toEqual([422, 'validation_failed']);
    const { id } = await pay(tenant, ann);
    const reason = await tenant.call(
      'PATCH',
      `/payouts/${id}`,
      JSON.stringify({ status: 'FAILED', reason: '@' }).replace('"@"', text),
    );
    expect(reason.status).toBe(422);
  });

  it.each(['metadata', 'description', 'payouts', 'unknown'])(
    'rejects deeply nested JSON in %s',
    async (field) => {
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
    },
  );

  it('shows the last digits of an account number and stores the number nowhere in plain text', async () => {
    const { id: bob } = await tenant.must<{ id: string }>('POST', '/recipients', {
      type: 'INDIVIDUAL',
      name: 'Bob',
      country: 'DE',
      account_number: ACCOUNT,
      bank_code: 'COBADEFFXXX',
      external_id: newKey(),
    });
    const made = await tenant.call<PayoutJson>(
      'POST',
      '/payouts',
      { ...order(), recipient_id: bob },
      { 'Idempotency-Key': newKey() },
    );
    expect(made.body.account_number_snapshot).toBe('****3000');
    const { id } = made.body;
    await waitForStatus(tenant, id, 'PROCESSING');
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
    const responses = await Promise.all(paths.map((path) => tenant.call('GET', path)));
    expect(responses.map(({ status }) => status)).toEqual(paths.map(() => 200));
    for (const { text } of [made, ...responses])
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

  /** Tables in which any column contains this text, as text or as bytes. */
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
