import { newId } from '../../../src/kernel/ids';
import { ACCOUNT_KINDS, accounts, accountType } from '../../../src/modules/ledger';
import { Books, funding, ledgerWorld, payable, reserve, type LedgerWorld } from './fixture';

describe('Constraints and privileges of the journal', () => {
  let world: LedgerWorld;
  let books: Books;
  const ann = newId();

  beforeAll(async () => (world = await ledgerWorld()));
  afterAll(() => world.database.close());
  beforeEach(async () => {
    books = new Books(world);
    await books.post(books.award(ann, 100n));
  });

  const asApp = (tenant: string, statement: string, values: unknown[] = []) =>
    world.database.app.transaction(async (manager) => {
      await manager.query(`SET LOCAL app.tenant_id = '${tenant}'`);
      return manager.query<Record<string, unknown>[]>(statement, values);
    });

  it.each([
    'UPDATE ledger.entries SET actor = actor',
    'DELETE FROM ledger.entries',
    'TRUNCATE ledger.entries CASCADE',
    'UPDATE ledger.postings SET minor = minor',
    'DELETE FROM ledger.postings',
    'TRUNCATE ledger.postings',
    'DELETE FROM ledger.accounts',
    'TRUNCATE ledger.accounts CASCADE',
    `UPDATE ledger.accounts SET owner = NULL`,
  ])('reject for the application: %s', async (statement) => {
    await expect(asApp(books.tenant, statement)).rejects.toMatchObject({ driverError: { code: '42501' } });
  });

  it.each([
    'UPDATE ledger.entries SET actor = actor',
    'DELETE FROM ledger.postings',
    'TRUNCATE ledger.postings',
    'DELETE FROM ledger.accounts',
  ])('reject even for the owner: %s', async (statement) => {
    await expect(books.tamper(statement)).rejects.toThrow('append-only');
  });

  it('reject a posting without its accounts or entry, or of two currencies', async () => {
    await books.post({
      ...reserve(ann, 1n),
      postings: [{ from: accounts.funding('EUR'), to: accounts.platformShare('EUR'), minor: 1n }],
    });
    const insert =
      'INSERT INTO ledger.postings SELECT tenant_id, id, 9, $1::uuid, $2::uuid, 1 FROM ledger.entries LIMIT 1';
    const idOf = async (kind: string, currency: string) => {
      const [row] = await asApp(
        books.tenant,
        'SELECT id FROM ledger.accounts WHERE kind = $1 AND currency = $2',
        [kind, currency],
      );
      return row?.['id'];
    };
    const [dollars, owed, euros] = [
      await idOf('funding', 'USD'),
      await idOf('payable', 'USD'),
      await idOf('funding', 'EUR'),
    ];
    const refused = { driverError: { code: '23503' } };
    await expect(asApp(books.tenant, insert, [dollars, newId()])).rejects.toMatchObject(refused);
    await expect(asApp(books.tenant, insert, [dollars, euros])).rejects.toMatchObject(refused);
    const withoutEntry = 'INSERT INTO ledger.postings VALUES ($1, $2, 0, $3, $4, 1)';
    await expect(
      asApp(books.tenant, withoutEntry, [books.tenant, newId(), dollars, owed]),
    ).rejects.toMatchObject(refused);
  });

  it('find one invalid posting among valid ones of several currencies', async () => {
    const kinds = ['funding', 'platform_share'] as const;
    const inEuros = { from: accounts.funding('EUR'), to: accounts.platformShare('EUR'), minor: 1n };
    const inDollars = { from: accounts.funding('USD'), to: accounts.platformShare('USD'), minor: 1n };
    await books.post({ ...reserve(ann, 1n), postings: [inEuros, inDollars] });
    const idOf = async (kind: string, currency: string) =>
      (
        await asApp(books.tenant, 'SELECT id FROM ledger.accounts WHERE kind = $1 AND currency = $2', [
          kind,
          currency,
        ])
      )[0]?.['id'];
    const pairs = await Promise.all(
      ['USD', 'EUR'].map((currency) => Promise.all(kinds.map((kind) => idOf(kind, currency)))),
    );
    const [[dollars, dollarShare], [euros, euroShare]] = pairs as [[unknown, unknown], [unknown, unknown]];
    const [entry] = await asApp(books.tenant, 'SELECT id FROM ledger.entries LIMIT 1');
    const insert = `INSERT INTO ledger.postings SELECT $1, l.entry_id, 100 + l.n, l.from_id, l.to_id, 1
                      FROM unnest($2::uuid[], $3::uuid[], $4::uuid[]) WITH ORDINALITY l (entry_id, from_id,
                        to_id, n)`;
    const insertAll = (...lines: unknown[][]) =>
      asApp(books.tenant, insert, [
        books.tenant,
        ...[0, 1, 2].map((column) => lines.map((line) => line[column])),
      ]);
    const good = [
      [entry?.['id'], dollars, dollarShare],
      [entry?.['id'], euros, euroShare],
    ];
    const refused = { driverError: { code: '23503' } };
    await expect(insertAll(...good, [entry?.['id'], dollars, euroShare])).rejects.toMatchObject(refused);
    await expect(insertAll(...good, [newId(), dollars, dollarShare])).rejects.toMatchObject(refused);
    await expect(insertAll(...good, [entry?.['id'], newId(), dollarShare])).rejects.toMatchObject(refused);
    await expect(insertAll(...good, [entry?.['id'], dollars, newId()])).rejects.toMatchObject(refused);
    await expect(insertAll(...good)).resolves.toBeDefined();
  });

  it('hide it from another tenant, which can use the same reference and account', async () => {
    const other = new Books(world);
    const settlement = newId();
    await books.post(books.award(ann, 30n, settlement));
    await other.post(other.award(ann, 5n, settlement));
    expect(await books.balance(payable(ann))).toBe(130n);
    expect(await other.balance(payable(ann))).toBe(5n);
    expect(await other.balance(funding)).toBe(-5n);
    for (const table of ['accounts', 'entries', 'postings']) {
      expect(
        await asApp(other.tenant, `SELECT FROM ledger.${table} WHERE tenant_id = $1`, [books.tenant]),
      ).toEqual([]);
      expect((await asApp(other.tenant, `SELECT FROM ledger.${table}`)).length).toBeGreaterThan(0);
    }
  });

  it('let the system login read no amount', async () => {
    await expect(world.database.system.query('SELECT minor FROM ledger.postings')).rejects.toMatchObject({
      driverError: { code: '42501' },
    });
    await expect(world.database.system.query('SELECT reference FROM ledger.entries')).rejects.toMatchObject({
      driverError: { code: '42501' },
    });
  });

  it.each(ACCOUNT_KINDS)('repeat the chart of accounts for %s', async (kind) => {
    const { owner, purposes, stored, floor } = accountType(kind);
    const insert = (row: { owner: string | null; purpose: string | null; minor: number | null }) =>
      asApp(
        books.tenant,
        `INSERT INTO ledger.accounts (tenant_id, id, kind, owner, purpose, currency, minor)
          VALUES ($1, $2, $3, $4, $5, 'XTS', $6)`,
        [books.tenant, newId(), kind, row.owner, row.purpose, row.minor],
      );
    const fitting = {
      owner: owner === 'tenant' ? null : newId(),
      purpose: purposes[0] ?? null,
      minor: stored ? 0 : null,
    };
    const refused = { driverError: { code: '23514' } };
    await expect(insert({ ...fitting, owner: owner === 'tenant' ? newId() : null })).rejects.toMatchObject(
      refused,
    );
    await expect(insert({ ...fitting, purpose: fitting.purpose ? null : 'award' })).rejects.toMatchObject(
      refused,
    );
    await expect(insert({ ...fitting, minor: stored ? null : 0 })).rejects.toMatchObject(refused);
    // The table has a floor for every balance row: a kind with a row and no floor needs a change of its constraint.
    if (stored) expect(floor).toBe(true);
    if (stored) await expect(insert({ ...fitting, minor: -1 })).rejects.toMatchObject(refused);
    await insert({ ...fitting, owner: fitting.owner && newId() });
  });
});
