import { newId } from '../../../src/kernel/ids';
import { EntryConflict, type EntryDraft } from '../../../src/modules/ledger';
import { Books, entry, ledgerWorld, payable, reserve, reserved, type LedgerWorld } from './fixture';

/** A transaction that stays open until it is let go, and is then rolled back. */
function holding(start: () => Promise<unknown>) {
  let arrive: () => void = () => undefined;
  let end: () => void = () => undefined;
  const held = new Promise<void>((resolve) => (arrive = resolve));
  const ended = new Promise<void>((resolve) => (end = resolve));
  const stay = async () => {
    arrive();
    await ended;
    throw new Error('rolled back');
  };
  const letGo = async () => {
    end();
    await expect(transaction).rejects.toThrow('rolled back');
  };
  const holder = { held, stay, letGo };
  const transaction = Promise.resolve().then(start);
  return holder;
}

describe('Concurrent posting', () => {
  let world: LedgerWorld;
  let books: Books;
  const recipients = Array.from({ length: 60 }, newId);

  beforeAll(async () => (world = await ledgerWorld()));
  afterAll(() => world.database.close());
  beforeEach(async () => {
    books = new Books(world);
    await books.post(...recipients.map((recipient) => books.award(recipient, 1_000n)));
  });

  let tries = 0;
  beforeEach(() => (tries = 0));

  /**
   * The unit of work repeats its closure after a deadlock: as many tries as posts means that there was none.
   */
  const post = (...drafts: EntryDraft[]) =>
    books.run((tx) => {
      tries++;
      return world.ledger.post(tx, drafts);
    });

  it('to the same accounts in opposite order does not deadlock and loses no unit', async () => {
    const rounds = 20;
    const poster = async (order: readonly string[]) => {
      for (let round = 0; round < rounds; round++)
        await post(...order.map((recipient) => reserve(recipient, 1n)));
    };
    const forwards = [...recipients];
    const backwards = [...recipients].reverse();
    await Promise.all([poster(forwards), poster(backwards), poster(forwards), poster(backwards)]);
    const balances = await books.run((tx) => world.ledger.balancesOf(tx, recipients.map(reserved)));
    expect(new Set(balances)).toEqual(new Set([BigInt(4 * rounds)]));
    expect(tries).toBe(4 * rounds);
    expect((await books.verify()).balanced).toBe(true);
  });

  /**
   * Both posters stop at what a third one holds, in the middle of their lists, each with its own end in hand.
   */
  const crossing = async (held: EntryDraft, there: EntryDraft[], back: EntryDraft[]) => {
    const holder = holding(() => books.run((tx) => world.ledger.post(tx, [held]).then(() => holder.stay())));
    await holder.held;
    const posters = [post(...there), post(...back)];
    await waitingForLocks(world, 2);
    await holder.letGo();
    await Promise.all(posters);
    expect(tries).toBe(2);
  };

  it('with the same references in opposite order does not deadlock and posts each once', async () => {
    const [ann, bob, cyn, dan] = recipients as [string, string, string, string];
    const drafts = [reserve(ann, 5n, 'x'), reserve(bob, 5n, 'm'), reserve(cyn, 5n, 'y')];
    await crossing(reserve(dan, 9n, 'm'), drafts, [...drafts].reverse());
    expect(await books.run((tx) => world.ledger.balancesOf(tx, [ann, bob, cyn, dan].map(reserved)))).toEqual([
      5n,
      5n,
      5n,
      0n,
    ]);
  });

  it('to new accounts in opposite order does not deadlock and creates each once', async () => {
    const people = [newId(), newId(), newId()] as const;
    const awards = () => people.map((person) => books.award(person, 3n));
    await crossing(books.award(people[1], 9n), awards(), awards().reverse());
    expect(await books.run((tx) => world.ledger.balancesOf(tx, people.map(payable)))).toEqual([6n, 6n, 6n]);
  });

  it('to existing accounts in opposite order does not deadlock', async () => {
    const three = recipients.slice(0, 3);
    const reservations = () => three.map((recipient) => reserve(recipient, 3n));
    await books.post(...reservations());
    await crossing(reserve(three[1] as string, 9n), reservations(), reservations().reverse());
    expect(await books.run((tx) => world.ledger.balancesOf(tx, three.map(reserved)))).toEqual([9n, 9n, 9n]);
  });

  it('with one reference waits for the first transaction, and posts if that rolls back', async () => {
    const [ann] = recipients as [string];
    const draft = reserve(ann, 10n, 'once');
    const holder = holding(() => books.run((tx) => world.ledger.post(tx, [draft]).then(() => holder.stay())));
    await holder.held;
    const second = books.post(draft);
    await waitingForLocks(world, 1);
    await holder.letGo();
    await second;
    expect(await books.balance(reserved(ann))).toBe(10n);
  });

  it('with one reference and two contents posts one of them', async () => {
    const [ann, bob] = recipients as [string, string];
    const outcomes = await Promise.allSettled([
      books.post(reserve(ann, 10n, 'one')),
      books.post(reserve(bob, 20n, 'one')),
    ]);
    const refused = outcomes.filter((outcome) => outcome.status === 'rejected');
    expect(refused.map(({ reason }) => reason as unknown)).toEqual([new EntryConflict('one')]);
    const total = (await books.balance(reserved(ann))) + (await books.balance(reserved(bob)));
    expect([10n, 20n]).toContain(total);
  });

  it('never lowers a balance below its floor', async () => {
    const [ann] = recipients as [string];
    const outcomes = await Promise.allSettled(
      Array.from({ length: 9 }, () => books.post(reserve(ann, 300n))),
    );
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(3);
    expect(await books.balance(payable(ann))).toBe(100n);
  });

  it('waits for a transaction that has locked the balances', async () => {
    const [ann] = recipients as [string];
    let decided: (() => void) | undefined;
    const decision = new Promise<void>((resolve) => (decided = resolve));
    let locked: (() => void) | undefined;
    const lock = new Promise<void>((resolve) => (locked = resolve));
    const decider = books.run(async (tx) => {
      const [held] = (await world.ledger.lockBalances(tx, [payable(ann), reserved(ann)])) as [bigint];
      locked?.();
      await decision;
      await world.ledger.post(tx, [
        entry('all of it', [{ from: payable(ann), to: reserved(ann), minor: held }]),
      ]);
    });
    await lock;
    const other = books.post(reserve(ann, 1n));
    await waitingForLocks(world, 1);
    decided?.();
    await decider;
    await expect(other).rejects.toMatchObject({ code: 'insufficient_balance' });
    expect(await books.balance(reserved(ann))).toBe(1_000n);
  });
});

/** So many connections of this database wait for a lock that another transaction holds. */
async function waitingForLocks(world: LedgerWorld, waiters: number): Promise<void> {
  let waiting = 0n;
  while (waiting < waiters) {
    const [row] = await world.database.app.query<{ waiting: bigint }[]>(
      `SELECT count(*) AS waiting FROM pg_stat_activity WHERE datname = current_database()
        AND wait_event_type = 'Lock'`,
    );
    waiting = row?.waiting ?? 0n;
  }
}
