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

  it('posts the documented example: recorded, topped up, reserved and paid', async () => {
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

  it('posts the same reference with the same content once, for any actor and order of postings', async () => {
    const settlement = newId();
    await books.post(books.award(ann, 100n, settlement));
    const again = books.award(ann, 100n, settlement);
    await books.post({ ...again, actor: 'another actor', postings: [...again.postings].reverse() });
    expect(await books.balance(payable(ann))).toBe(100n);
    expect(await entriesCount()).toBe(1n);
  });

  it('rejects the same reference with other content and posts nothing of the batch', async () => {
    const settlement = newId();
    await books.post(books.award(ann, 100n, settlement));
    await expect(books.post(books.award(bob, 7n), books.award(ann, 101n, settlement))).rejects.toEqual(
      new EntryConflict(`settlement:${settlement}:recorded`),
    );
    expect(await books.balance(payable(ann))).toBe(100n);
    expect(await books.balance(payable(bob))).toBe(0n);
    expect(await entriesCount()).toBe(1n);
  });

  it('posts the new entries of a batch with repeated ones', async () => {
    const known = books.award(ann, 100n);
    await books.post(known);
    await books.post(known, books.award(bob, 50n), known);
    expect(
      await books.run((tx) => world.ledger.balancesOf(tx, [payable(ann), payable(bob), funding])),
    ).toEqual([100n, 50n, -150n]);
  });

  it('rejects a balance below its floor, names the account, and posts nothing of the batch', async () => {
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

  it('allows negative balances of kinds without a floor: funding and overpaid', async () => {
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

  it('prevents the commit after an error that the caller ignored', async () => {
    await books.post(books.award(ann, 100n));
    const swallowing = books.run(async (tx) => {
      await world.ledger.post(tx, [books.award(bob, 5n), reserve(ann, 101n)]).catch(() => undefined);
    });
    await expect(swallowing).rejects.toThrow('aborted');
    expect(await entriesCount()).toBe(1n);
  });

  it('posts one entry of 5,000 postings', async () => {
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

  it('stores the time of the fact if it is given', async () => {
    const occurredAt = new Date('2025-01-31T12:00:00.000Z');
    await books.post({ ...entry('funding:2', transferOf(books.external(), funding, 5n)), occurredAt });
    const rows = await world.database.app.transaction(async (manager) => {
      await manager.query(`SET LOCAL app.tenant_id = '${books.tenant}'`);
      return manager.query<{ occurred_at: Date }[]>('SELECT occurred_at FROM ledger.entries');
    });
    expect(rows).toEqual([{ occurred_at: occurredAt }]);
  });
});
