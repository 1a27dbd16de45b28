import { newId } from '../../../src/kernel/ids';
import type { Tx } from '../../../src/kernel/tx';
import { type EntryDraft, Ledger } from '../../../src/modules/ledger';
import { type Caller, SettlementWorld } from './support/settlement-world';

describe('A settlement by stream', () => {
  let world: SettlementWorld;
  let caller: Caller;
  let ids: string[];

  beforeAll(async () => {
    world = await SettlementWorld.start();
    caller = await world.payer();
    ids = await world.recipients(caller, 10);
  });
  afterAll(() => world.close());

  const line = (fields: object) => `${JSON.stringify(fields)}\n`;
  const dollars = (users: readonly number[]) =>
    users.map((n) => line({ external_id: `user-${n}`, amount: '1.00' })).join('');
  const upTo = (count: number) => Array.from({ length: count }, (_, n) => n + 1);
  const left = async (of: Caller) => [
    await world.count(of, 'settlements.uploads'),
    await world.count(of, 'settlements.upload_lines'),
  ];

  async function sent(
    lines: string,
    query: Record<string, string>,
    options?: { key?: string; type?: string },
    of = caller,
  ) {
    const { status, body, headers } = await world.stream(of, lines, query, options);
    await world.woken();
    return { status, body, headers, shown: (await world.settlement(of, body.id)).body };
  }

  it('is accepted when it has arrived, and recorded like the same settlement in JSON', async () => {
    const tenant = await world.payer();
    const [ann, bob, cyn] = await world.recipients(tenant, 3);
    const contest_id = newId();
    const awards = [
      { external_id: 'user-3', amount: '1.80' },
      { recipient_id: ann, amount: '4.50', rank: 1 },
      { recipient_id: bob?.toUpperCase(), amount: '2.70', rank: 2 },
    ];
    const { status, body, headers } = await world.stream(tenant, awards.map(line).join(''), {
      contest_id,
      pool: '10.00',
      platform_share: '1.00',
    });
    expect([status, body.status, headers['location']]).toEqual([
      202,
      'checking',
      `/api/v1/settlements/${body.id}`,
    ]);
    await world.woken();
    const shown = (await world.settlement(tenant, body.id)).body;
    expect(shown).toMatchObject({ status: 'recorded', award_count: 3, rejection: null });
    expect(
      shown.awards.results.map(({ position, recipient_id, rank }) => [position, recipient_id, rank]),
    ).toEqual([
      [0, ann, 1],
      [1, bob, 2],
      [2, cyn, null],
    ]);
    const same = await world.post(tenant, 'settlements', {
      contest_id,
      currency: 'USD',
      pool: '10.00',
      platform_share: '1.00',
      awards,
    });
    expect([same.status, same.body.id, same.body.result_hash]).toEqual([200, body.id, shown.result_hash]);
    expect(await left(tenant)).toEqual([0, 0]);
    expect(await world.balance(tenant, 'payable', cyn)).toBe(180n);
    expect((await world.verify(tenant)).balanced).toBe(true);
  });

  it('accepts CSV with a byte order mark, quotes, CRLF and any order of columns', async () => {
    const csv = `\uFEFFrank,amount,external_id,recipient_id\r\n1,"4.50",user-1,\r\n\r\n,2.70,,${ids[1]}\r\n`;
    const { shown } = await sent(csv, { pool: '7.20' }, { type: 'text/csv; charset=utf-8' });
    expect(
      shown.awards.results.map(({ recipient_id, amount, rank }) => [recipient_id, amount, rank]),
    ).toEqual([
      [ids[0], '4.50', 1],
      [ids[1], '2.70', null],
    ]);
  });

  it('is recorded in chunks with an entry each, and continues after a crash between two chunks', async () => {
    const tenant = await world.payer();
    await world.recipients(tenant, 12_000);
    const ledger = world.get(Ledger);
    const real = ledger.post.bind(ledger);
    let calls = 0;
    const spy = jest
      .spyOn(ledger, 'post')
      .mockImplementation((tx: Tx, drafts: readonly EntryDraft[]) =>
        ++calls === 2 ? Promise.reject(new Error('unplugged')) : real(tx, drafts),
      );
    const { body } = await world.stream(tenant, dollars(upTo(12_000)), {
      pool: '12001.50',
      platform_share: '1.00',
      allow_remainder: 'true',
    });
    await expect(world.woken()).rejects.toThrow('unplugged');
    spy.mockRestore();
    expect((await world.settlement(tenant, body.id)).body).toMatchObject({
      status: 'recording',
      award_count: 12_000,
    });
    expect([
      await world.count(tenant, 'settlements.awards'),
      await world.balance(tenant, 'pot', body.id),
    ]).toEqual([5_000, 0n]);
    expect(await world.run('expand-settlements', tenant.tenant)).toMatchObject({ found: 0 });
    expect(await world.run('advance-settlements', tenant.tenant)).toMatchObject({
      found: 1,
      done: 1,
      failed: 0,
    });
    expect((await world.settlement(tenant, body.id)).body).toMatchObject({
      status: 'recorded',
      remainder: '0.50',
    });
    const entries = await world.rows<{ reference: string }>(
      tenant,
      'SELECT reference FROM ledger.entries ORDER BY length(reference), reference',
    );
    expect(entries.map(({ reference }) => reference.replace(body.id, 's'))).toEqual([
      'settlement:s:recorded',
      'settlement:s:recorded:5000',
      'settlement:s:recorded:10000',
    ]);
    const positions = await world.rows<{ n: bigint; last: number }>(
      tenant,
      'SELECT count(DISTINCT position) AS n, max(position) AS last FROM settlements.awards',
    );
    expect(positions).toEqual([{ n: 12_000n, last: 11_999 }]);
    expect([
      await world.balance(tenant, 'funding'),
      await world.balance(tenant, 'platform_share'),
      await world.balance(tenant, 'remainder'),
    ]).toEqual([-1_200_150n, 100n, 50n]);
    expect((await world.verify(tenant)).balanced).toBe(true);
    expect(await left(tenant)).toEqual([0, 0]);
  });

  it('is rejected with every invalid line', async () => {
    const tenant = await world.payer();
    const [ann, bob] = await world.recipients(tenant, 2);
    await world.rows(tenant, 'UPDATE recipients.recipients SET is_active = false WHERE id = $1', [bob]);
    const lines = [
      line({ recipient_id: ann, amount: '1.00' }),
      'no json\n',
      line([1]),
      '\n',
      line({ recipient_id: ann, amount: 1 }),
      line({ recipient_id: bob, amount: '1.00' }),
      line({ external_id: 'unknown', amount: '1.00' }),
      line({ amount: '1.00' }),
      line({ external_id: 'a\u0000b', amount: '1.00' }),
      line({ recipient_id: 'x', amount: '1.00' }),
      line({ recipient_id: ann, amount: '1.00', rank: 0 }),
      line({ recipient_id: ann, amount: '0' }),
      line({ recipient_id: ann, amount: '1.00', prize: 1 }),
      `{"external_id":"${'x'.repeat(5_000)}"}\n`,
      line({ recipient_id: ann, amount: '0.001' }).trimEnd(),
    ].join('');
    const { status, body, shown } = await sent(lines, { pool: '1.00' }, {}, tenant);
    expect([status, body.status, shown.status, shown.rejection?.total]).toEqual([
      202,
      'rejected',
      'rejected',
      13,
    ]);
    expect(
      shown.rejection?.problems
        .map(({ line: at, code }) => [at, code])
        .sort(([a], [b]) => Number(a) - Number(b)),
    ).toEqual([
      [2, 'invalid_line'],
      [3, 'invalid_line'],
      [5, 'invalid_amount'],
      [6, 'recipient_inactive'],
      [7, 'unknown_payee'],
      [8, 'invalid_line'],
      [9, 'invalid_line'],
      [10, 'invalid_line'],
      [11, 'invalid_standings'],
      [12, 'invalid_amount'],
      [13, 'invalid_line'],
      [14, 'invalid_line'],
      [15, 'invalid_amount'],
    ]);
    expect(await left(tenant)).toEqual([0, 0]);
    expect(await world.count(tenant, 'ledger.entries')).toBe(0);
    expect(world.outbox.of(tenant.tenant, 'settlement.rejected')).toHaveLength(1);
  });

  it('counts all problems and stores the first hundred', async () => {
    const { shown } = await sent(dollars(upTo(6_000).map((n) => n + 1_000_000)), { pool: '6000.00' });
    expect([
      shown.rejection?.total,
      shown.rejection?.problems.length,
      shown.rejection?.problems[99]?.line,
    ]).toEqual([6_000, 100, 100]);
  });

  it('is rejected if a payee is there twice, by either id', async () => {
    const { shown } = await sent(
      dollars([1, 2, 3]) + line({ recipient_id: ids[1], amount: '1.00' }) + dollars([3]),
      { pool: '5.00' },
    );
    expect(shown.rejection).toEqual({
      total: 2,
      problems: [
        { code: 'duplicate_payee', message: 'the payee is already on line 2', line: 4 },
        { code: 'duplicate_payee', message: 'the payee is already on line 3', line: 5 },
      ],
    });
  });

  it.each([
    ['zero_payouts', '', { pool: '1.00' }],
    ['payout_exceeds_pool', '1,2', { pool: '1.99' }],
    ['conservation_mismatch', '1,2', { pool: '2.01' }],
    ['conservation_mismatch', '1,2', { pool: '2.01', platform_share: '0.02', allow_remainder: 'true' }],
  ])('is rejected with %s', async (code, users, query) => {
    const { shown } = await sent(dollars(users.split(',').filter(Boolean).map(Number)), query);
    expect([shown.status, shown.rejection?.problems.map((problem) => problem.code)]).toEqual([
      'rejected',
      [code],
    ]);
  });

  it('is rejected with the id of the existing settlement of its contest', async () => {
    const contest_id = newId();
    const first = await sent(dollars([1, 2]), { contest_id, pool: '2.00' });
    const same = await sent(dollars([2, 1]), { contest_id, pool: '2.00' });
    const other = await sent(dollars([1, 3]), { contest_id, pool: '2.00' });
    expect([same, other].map(({ shown }) => shown.rejection?.problems[0]?.message)).toEqual(
      ['the same content', 'other content'].map(
        (content) =>
          `contest ${contest_id} is already recorded as settlement ${first.body.id}, with ${content}`,
      ),
    );
    expect((await world.settlement(caller, first.body.id)).body.status).toBe('recorded');
  });

  it('is recorded once from two concurrent requests for the same contest', async () => {
    const contest_id = newId();
    const responses = await Promise.all(
      [1, 2].map(() => world.stream(caller, dollars([4, 5]), { contest_id, pool: '2.00' })),
    );
    await Promise.all([
      world.run('advance-settlements', caller.tenant),
      world.run('advance-settlements', caller.tenant),
    ]);
    await world.woken();
    const shown = await Promise.all(responses.map(({ body }) => world.settlement(caller, body.id)));
    expect(shown.map(({ body }) => body.status).sort()).toEqual(['recorded', 'rejected']);
  });

  it('returns the first body for the same bytes, and 422 for other bytes under the same key', async () => {
    const [key, query] = [newId(), { contest_id: newId(), pool: '2.00' }];
    const first = await sent(dollars([1, 2]), query, { key });
    const again = await world.stream(caller, dollars([1, 2]), query, { key });
    expect([again.status, again.headers['idempotent-replayed'], again.body]).toEqual([
      202,
      'true',
      first.body,
    ]);
    const other = await world.stream(caller, dollars([1, 3]), query, { key });
    expect([other.status, other.body.code]).toEqual([422, 'idempotency_key_reused']);
    await world.woken();
    expect(await left(caller)).toEqual([0, 0]);
    expect(
      (await world.send(caller, 'GET', `settlements?contest_id=${query.contest_id}`)).body.results,
    ).toHaveLength(1);
  });

  it.each([
    [422, 'validation_failed', { pool: '-1' }, 'application/x-ndjson'],
    [422, 'validation_failed', { pool: '1.00', prize: '1' }, 'application/x-ndjson'],
    [422, 'invalid_amount', { pool: '0.00' }, 'application/x-ndjson'],
    [422, 'invalid_amount', { pool: '1.001' }, 'application/x-ndjson'],
    [422, 'currency_not_allowed', { pool: '1.00', currency: 'GBP' }, 'application/x-ndjson'],
    [415, 'unsupported_media_type', { pool: '1.00' }, 'application/json'],
    [422, 'invalid_line', { pool: '1.00' }, 'text/csv'],
  ])('is rejected at once with %i %s for %j as %s', async (status, code, query, type) => {
    const response = await world.stream(caller, dollars([1]), query, { type });
    expect([response.status, response.body.code]).toEqual([status, code]);
    await world.woken();
    expect(await left(caller)).toEqual([0, 0]);
  });

  it('is rejected with the line of an unclosed CSV quote', async () => {
    const { status, body } = await world.stream(
      caller,
      `external_id,amount\nuser-1,1.00\n"user-2,1.00\n${'user-3,1.00\n'.repeat(2_000)}`,
      { pool: '1.00' },
      { type: 'text/csv' },
    );
    expect([status, body.code, body.problems[0]?.line]).toEqual([422, 'invalid_line', expect.any(Number)]);
    await world.woken();
    expect(await left(caller)).toEqual([0, 0]);
  });

  it('does not find recipients of another tenant', async () => {
    const stranger = await world.payer();
    const { shown } = await sent(
      line({ recipient_id: ids[0], amount: '1.00' }),
      { pool: '1.00' },
      {},
      stranger,
    );
    expect(shown.rejection?.problems.map(({ code }) => code)).toEqual(['unknown_payee']);
  });
});
