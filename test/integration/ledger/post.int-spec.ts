import { newId } from '../../../src/kernel/ids';
import { accounts, EntryConflict, InsufficientBalance, transferOf } from '../../../src/modules/ledger';
import { Books, entry, funding, ledgerWorld, payable, reserve, reserved, type LedgerWorld } from './fixture';

describe('Posting', () => {
  let world: LedgerWorld;
  let books: Books;
  const ann = newId();
  const bob = newId();

  beforeAll(async () => (world = await ledgerWorld()));
  afterAll(() => world.database.close());
  beforeEach(() => (books = new Books(world)));

  const entriesCount = async () => {
    const rows = await world.database.app.transaction(async (manager) => {
      await manager.query(`SET LOCAL app.tenant_id = '${books.tenant}'`);
      return manager.query<{ n: bigint }[]>('SELECT count(*) AS n FROM ledger.entries');
    });
    return rows[0]?.n;
  };

  it('follows the worked example: recorded, topped up, reserved and paid', async () => {
    const settlement = newId();
    const pot = accounts.pot(settlement, 'USD');
    const cyn = newId();
    const awards: [string, bigint][] = [
      [ann, 450n],
      [bob, 270n],
      [cyn, 180n],
    ];
    await books.post(
      entry(`settlement:${settlement}:recorded`, [
        ...transferOf(funding, pot, 1000n),
        ...awards.flatMap(([recipient, minor]) => transferOf(pot, payable(recipient), minor)),
        ...transferOf(pot, accounts.platformShare('USD'), 100n),
        ...transferOf(pot, accounts.remainder('USD'), 0n),
      ]),
    );
    await books.post(entry('funding:1', transferOf(books.external(), funding, 900n)));
    await books.post(
      entry(
        'job:1:reserved:0',
        awards.flatMap(([recipient, minor]) => transferOf(payable(recipient), reserved(recipient), minor)),
      ),
    );
    expect(await books.balance(reserved(bob))).toBe(270n);
    await books.post(...awards.map(([recipient, minor]) => books.completed(newId(), recipient, minor)));

    const asked = [
      funding,
      accounts.platformShare('USD'),
      books.external(),
      pot,
      payable(ann),
      reserved(ann),
      accounts.remainder('USD'),
    ];
    expect(await books.run((tx) => world.ledger.balancesOf(tx, asked))).toEqual([
      -100n,
      100n,
      0n,
      0n,
      0n,
      0n,
      0n,
    ]);
    expect((await books.verify()).balanced).toBe(true);
  });

  it('takes the same reference with the same content once, whoever tells it and in whatever order', async () => {
    const settlement = newId();
    await books.post(books.award(ann, 100n, settlement));
    const again = books.award(ann, 100n, settlement);
    await books.post({ ...again, actor: 'somebody else', postings: [...again.postings].reverse() });
    expect(await books.balance(payable(ann))).toBe(100n);
    expect(await entriesCount()).toBe(1n);
  });

  it('refuses the same reference with other content and posts nothing of the batch', async () => {
    const settlement = newId();
    await books.post(books.award(ann, 100n, settlement));
    await expect(books.post(books.award(bob, 7n), books.award(ann, 101n, settlement))).rejects.toEqual(
      new EntryConflict(`settlement:${settlement}:recorded`),
    );
    expect(await books.balance(payable(ann))).toBe(100n);
    expect(await books.balance(payable(bob))).toBe(0n);
    expect(await entriesCount()).toBe(1n);
  });

  it('posts what is new in a batch of which a part is known', async () => {
    const known = books.award(ann, 100n);
    await books.post(known);
    await books.post(known, books.award(bob, 50n), known);
    expect(
      await books.run((tx) => world.ledger.balancesOf(tx, [payable(ann), payable(bob), funding])),
    ).toEqual([100n, 50n, -150n]);
  });

  it('refuses to take an account below its floor, names it, and posts nothing of the batch', async () => {
    await books.post(books.award(ann, 100n), books.award(bob, 100n));
    const refusal = await books.post(reserve(bob, 100n), reserve(ann, 101n)).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(InsufficientBalance);
    expect(refusal).toMatchObject({
      account: payable(ann),
      shortMinor: 1n,
      details: { account_kind: 'payable', owner: ann },
    });
    expect(
      await books.run((tx) =>
        world.ledger.balancesOf(tx, [payable(ann), reserved(ann), payable(bob), reserved(bob)]),
      ),
    ).toEqual([100n, 0n, 100n, 0n]);
    expect(await entriesCount()).toBe(2n);
  });

  it('lets kinds without a floor go below zero: funding and overpaid', async () => {
    await books.post(
      books.award(ann, 100n),
      entry(
        'late success',
        transferOf(accounts.overpaid(ann, 'USD'), accounts.external(newId(), 'USD'), 30n),
      ),
    );
    expect(
      await books.run((tx) => world.ledger.balancesOf(tx, [funding, accounts.overpaid(ann, 'USD')])),
    ).toEqual([-100n, -30n]);
  });

  it('cannot be committed after a refusal that the caller swallowed', async () => {
    await books.post(books.award(ann, 100n));
    const swallowing = books.run(async (tx) => {
      await world.ledger.post(tx, [books.award(bob, 5n), reserve(ann, 101n)]).catch(() => undefined);
    });
    await expect(swallowing).rejects.toThrow('aborted');
    expect(await entriesCount()).toBe(1n);
  });

  it('takes one entry of 5,000 postings', async () => {
    const recipients = Array.from({ length: 5_000 }, newId);
    const pot = accounts.pot(newId(), 'USD');
    await books.post(
      entry('many:recorded', [
        ...transferOf(funding, pot, 50_000n),
        ...recipients.flatMap((recipient) => transferOf(pot, payable(recipient), 10n)),
      ]),
    );
    await books.post(
      entry(
        'many:reserved',
        recipients.flatMap((recipient) => transferOf(payable(recipient), reserved(recipient), 10n)),
      ),
    );
    const balances = await books.run((tx) => world.ledger.balancesOf(tx, recipients.map(reserved)));
    expect(new Set(balances)).toEqual(new Set([10n]));
    const { balanced, checks } = await books.verify();
    expect(balanced).toBe(true);
    expect(checks.find(({ check }) => check === 'stored_balance')?.compared).toBe(10_000);
  });

  it('does nothing for no drafts', async () => {
    await books.post();
    expect(await entriesCount()).toBe(0n);
  });

  it('keeps when it happened outside, when that is told', async () => {
    const occurredAt = new Date('2025-01-31T12:00:00.000Z');
    await books.post({ ...entry('funding:2', transferOf(books.external(), funding, 5n)), occurredAt });
    const rows = await world.database.app.transaction(async (manager) => {
      await manager.query(`SET LOCAL app.tenant_id = '${books.tenant}'`);
      return manager.query<{ occurred_at: Date }[]>('SELECT occurred_at FROM ledger.entries');
    });
    expect(rows).toEqual([{ occurred_at: occurredAt }]);
  });
});
