import { newId } from '../../../src/kernel/ids';
import { transferOf } from '../../../src/modules/ledger';
import { accountIdOf } from '../../../src/modules/ledger/domain/account-id';
import { balances } from '../../../src/modules/ledger/infrastructure/persistence/sql/balances.sql';
import { sql } from '../../../src/platform/database';
import { Books, entry, funding, horizonPassed, ledgerWorld, type LedgerWorld } from './fixture';

describe('A checkpoint', () => {
  let world: LedgerWorld;
  let books: Books;
  const ann = newId();

  beforeAll(async () => (world = await ledgerWorld()));
  afterAll(() => world.database.close());
  beforeEach(() => (books = new Books(world)));

  const topUp = (id: string, minor: bigint) =>
    entry(`funding:${id}`, transferOf(books.external(), funding, minor));
  const checkpoint = async () => {
    const rows = await world.database.app.transaction(async (manager) => {
      await manager.query(`SET LOCAL app.tenant_id = '${books.tenant}'`);
      return manager.query<{ minor: bigint }[]>(
        'SELECT minor FROM ledger.checkpoint_balances ORDER BY minor',
      );
    });
    return rows.map(({ minor }) => minor);
  };

  const take = async (...scope: Parameters<typeof world.checkpoints.execute>) => {
    await horizonPassed(world);
    return world.checkpoints.execute(...scope);
  };

  it('and the later postings result in the balance, each posting counted once', async () => {
    await books.post(books.award(ann, 100n), topUp('1', 70n));
    expect(await books.balance(funding)).toBe(-30n);
    await take();
    expect(await checkpoint()).toEqual([-70n, -30n]);
    expect(await books.balance(funding)).toBe(-30n);
    await books.post(topUp('2', 5n));
    expect(await books.balance(funding)).toBe(-25n);
    await take();
    expect(await checkpoint()).toEqual([-75n, -25n]);
    expect(await books.balance(funding)).toBe(-25n);
    expect((await books.verify()).balanced).toBe(true);
  });

  it('does not lose postings of a slow transaction that began before it and commits after it', async () => {
    await books.post(topUp('first', 100n));
    let commit: () => void = () => undefined;
    const committed = new Promise<void>((resolve) => (commit = resolve));
    let postedSlowly: () => void = () => undefined;
    const posted = new Promise<void>((resolve) => (postedSlowly = resolve));
    const slow = books.run(async (tx) => {
      await world.ledger.post(tx, [topUp('slow', 1_000n)]);
      postedSlowly();
      await committed;
    });
    await posted;
    await books.post(topUp('fast', 20n));
    await world.checkpoints.execute({ tenant: books.tenant });
    expect(await books.balance(funding)).toBe(120n);
    commit();
    await slow;
    expect(await books.balance(funding)).toBe(1_120n);
    await take();
    expect(await books.balance(funding)).toBe(1_120n);
    expect((await books.verify()).balanced).toBe(true);
  });

  it('is advanced in steps with many entries, with the same result', async () => {
    for (let index = 0; index < 7; index++) await books.post(topUp(`a${index}`, 1n), topUp(`b${index}`, 10n));
    await take({}, 3);
    expect(await checkpoint()).toEqual([-77n, 77n]);
  });

  it('taken twice concurrently counts each posting once', async () => {
    await books.post(topUp('1', 70n));
    await horizonPassed(world);
    await Promise.all([
      world.checkpoints.execute(),
      world.checkpoints.execute(),
      world.checkpoints.execute(),
    ]);
    expect(await checkpoint()).toEqual([-70n, 70n]);
    expect(await books.balance(funding)).toBe(70n);
  });

  it('from another server with a higher transaction count is ignored and replaced', async () => {
    await books.post(topUp('1', 70n));
    await take();
    await books.tamper(
      `UPDATE ledger.checkpoints SET horizon = 9000000000000
        WHERE ${books.mine}; UPDATE ledger.checkpoint_balances SET minor = minor * 2 WHERE ${books.mine}`,
    );
    await books.post(topUp('2', 5n));
    expect(await books.balance(funding)).toBe(75n);
    await take();
    expect(await checkpoint()).toEqual([-75n, 75n]);
    expect(await books.balance(funding)).toBe(75n);
  });

  it('is advanced only for tenants with new entries', async () => {
    await take();
    const other = new Books(world);
    await books.post(topUp('1', 70n));
    await other.post(entry('funding:1', transferOf(other.external(), funding, 9n)));
    expect(await take()).toEqual({ found: 2, done: 2, failed: 0, skipped: [] });
    expect(await take()).toEqual({ found: 0, done: 0, failed: 0, skipped: [] });
    await other.post(entry('funding:2', transferOf(other.external(), funding, 1n)));
    expect(await take()).toMatchObject({ found: 1, done: 1 });
    expect(await other.balance(funding)).toBe(10n);
  });

  it('makes reads independent of the number of entries below it', async () => {
    await books.post(...Array.from({ length: 5_000 }, (_, index) => topUp(String(index), 1n)));
    await books.tamper('ANALYZE ledger.entries; ANALYZE ledger.postings');
    await take({ tenant: books.tenant });
    const { text, values } = balances(books.tenant, [accountIdOf(funding)]);
    const plan = await books.run((tx) =>
      sql(tx).rows<Record<string, string>>({ text: `EXPLAIN ${text}`, values }),
    );
    const lines = plan.flatMap((line) => Object.values(line));
    expect(lines.filter((line) => /Index Cond.*xid >= s\.since.*xid <= s\.upto/.test(line))).toHaveLength(1);
    expect(lines.filter((line) => /Seq Scan on (entries|postings)/.test(line))).toEqual([]);
  });

  it('that fails for a tenant is counted and logged', async () => {
    await take();
    await books.post(topUp('1', 70n));
    await books.tamper('REVOKE INSERT ON ledger.checkpoint_balances FROM disburse_app');
    expect(await take()).toEqual({ found: 1, done: 0, failed: 1, skipped: [] });
    expect(world.log.said('ledger.checkpoint_failed')).toMatchObject([
      { level: 'error', tenant_id: books.tenant },
    ]);
    await books.tamper('GRANT INSERT ON ledger.checkpoint_balances TO disburse_app');
  });
});
