import { newId } from '../../../src/kernel/ids';
import { InvalidPosting, transferOf, type EntryDraft } from '../../../src/modules/ledger';
import { Books, entry, funding, ledgerWorld, payable, reserve, reserved, type LedgerWorld } from './fixture';

/** Entries that travel with other writes: what they leave is what posting them would have left. */
describe('Credits', () => {
  let world: LedgerWorld;
  let books: Books;
  const [ann, bob] = [newId(), newId()];

  beforeAll(async () => (world = await ledgerWorld()));
  afterAll(() => world.database.close());
  beforeEach(() => (books = new Books(world)));

  const owed = (recipient: string, minor: bigint) =>
    entry(`payout:${newId()}:requested`, transferOf(funding, payable(recipient), minor));
  const credit = (...drafts: EntryDraft[]) =>
    books.run((tx) => world.database.uow.write(tx, world.ledger.credits(drafts)));
  const balances = () =>
    Promise.all([payable(ann), payable(bob), funding].map((account) => books.balance(account)));

  it('create accounts, raise balances, and pass the verification', async () => {
    await credit(owed(ann, 100n));
    await credit(owed(ann, 20n), owed(bob, 5n), owed(ann, 3n));
    expect(await balances()).toEqual([123n, 5n, -128n]);
    expect((await books.verify()).balanced).toBe(true);
  });

  it('of fifty concurrent transactions for one account all count', async () => {
    await Promise.all(Array.from({ length: 50 }, () => credit(owed(ann, 1n), owed(bob, 2n))));
    expect(await balances()).toEqual([50n, 100n, -150n]);
    expect((await books.verify()).balanced).toBe(true);
  });

  it('of several writers in one statement add up', async () => {
    await books.run((tx) =>
      world.database.uow.write(tx, [
        ...world.ledger.credits([owed(ann, 100n)]),
        ...world.ledger.credits([owed(ann, 20n), owed(bob, 5n)]),
      ]),
    );
    expect(await balances()).toEqual([120n, 5n, -125n]);
    expect((await books.verify()).balanced).toBe(true);
  });

  it('reject a lower balance, because floors are not checked', async () => {
    await books.post(books.award(ann, 100n));
    await expect(credit(entry('x:lowered', transferOf(payable(ann), reserved(ann), 1n)))).rejects.toThrow(
      InvalidPosting,
    );
  });

  it('of an existing reference fail and write nothing', async () => {
    const draft = owed(ann, 100n);
    await credit(draft);
    await expect(credit(owed(bob, 7n), draft)).rejects.toMatchObject({ constraint: 'entries_reference' });
    expect(await balances()).toEqual([100n, 0n, -100n]);
  });

  it('can be spent like any other balance', async () => {
    await credit(owed(ann, 100n));
    await books.post(reserve(ann, 100n));
    expect([await books.balance(payable(ann)), await books.balance(reserved(ann))]).toEqual([0n, 100n]);
  });
});
