import { AsyncLocalStorage } from 'node:async_hooks';
import { newId } from '../../../src/kernel/ids';
import {
  accounts,
  type CheckOutcome,
  type LedgerVerification,
  transferOf,
} from '../../../src/modules/ledger';
import {
  Books,
  entry,
  horizonPassed,
  ledgerOn,
  payable,
  reserve,
  reserved,
  type LedgerWorld,
} from './fixture';
import { testDatabase, type TestDatabase } from '../../support';

const CHECKS = [
  'stored_balance',
  'derived_balance',
  'zero_sum',
  'floor',
  'empty_pot',
  'entry_content',
  'one_currency',
];

/** As another process would: a unit of work refuses to nest within one chain of calls. */
const meanwhile = AsyncLocalStorage.snapshot() as <T>(work: () => T) => T;

describe('Verification', () => {
  let database: TestDatabase;
  let world: LedgerWorld;
  let books: Books;
  const ann = newId();
  const bob = newId();

  beforeAll(async () => (database = await testDatabase()));
  afterAll(() => database.close());
  beforeEach(async () => {
    world = ledgerOn(database);
    books = new Books(world);
    await books.post(books.award(ann, 100n, newId()), books.award(bob, 50n));
    await books.post(reserve(ann, 60n, 'reserve:ann'));
    await books.post(books.completed('t1', ann, 40n));
  });

  const behindTheTriggers = (statement: string) =>
    books.tamper(
      `ALTER TABLE ledger.postings DISABLE TRIGGER append_only; ${statement};
       ALTER TABLE ledger.postings ENABLE TRIGGER append_only`,
    );
  const differing = ({ checks }: LedgerVerification) => checks.filter((check) => check.differing > 0);
  const outcome = (verification: LedgerVerification, name: string) =>
    verification.checks.find(({ check }) => check === name) as CheckOutcome;

  it('of a consistent ledger finds no difference and returns the number of compared items', async () => {
    const verification = await books.verify();
    expect(verification.balanced).toBe(true);
    expect(verification.checks.map(({ check }) => check)).toEqual(CHECKS);
    expect(verification.checks.map(({ compared }) => compared)).toEqual([3, 4, 1, 3, 2, 4, 6]);
  });

  it('of an empty ledger returns that it compared nothing', async () => {
    const { balanced, checks } = await new Books(world).verify();
    expect(balanced).toBe(true);
    expect(checks.map(({ compared }) => compared)).toEqual(CHECKS.map(() => 0));
  });

  it('returns the account whose balance row was changed, and the currency that does not sum to zero', async () => {
    await books.tamper(
      `UPDATE ledger.accounts SET minor = 41 WHERE kind = 'payable' AND owner = '${ann}' AND ${books.mine}`,
    );
    const verification = await books.verify();
    expect(verification.balanced).toBe(false);
    expect(differing(verification).map(({ check }) => check)).toEqual(['stored_balance', 'zero_sum']);
    expect(outcome(verification, 'stored_balance').differences).toEqual([
      { check: 'stored_balance', subject: `payable:${ann}:award:USD`, expected: '40', actual: '41' },
    ]);
    expect(outcome(verification, 'zero_sum').differences).toEqual([
      { check: 'zero_sum', subject: 'USD', expected: '0', actual: '1' },
    ]);
  });

  it('returns the entry whose posting was changed without the triggers', async () => {
    await behindTheTriggers(`UPDATE ledger.postings SET minor = 39 WHERE minor = 40 AND ${books.mine}`);
    const verification = await books.verify();
    expect(outcome(verification, 'entry_content').differences.map(({ subject }) => subject)).toEqual([
      'transfer:t1:completed',
    ]);
    expect(outcome(verification, 'stored_balance').differences).toEqual([
      { check: 'stored_balance', subject: `reserved:${ann}:award:USD`, expected: '21', actual: '20' },
    ]);
  });

  it('returns the entry whose postings were lost', async () => {
    await behindTheTriggers(`DELETE FROM ledger.postings WHERE minor = 60 AND ${books.mine}`);
    const verification = await books.verify();
    expect(outcome(verification, 'entry_content').differences.map(({ subject }) => subject)).toEqual([
      'reserve:ann',
    ]);
    expect(outcome(verification, 'floor').differences).toEqual([
      { check: 'floor', subject: `reserved:${ann}:award:USD`, expected: '0', actual: '-40' },
    ]);
  });

  it('returns the pot that is not zero after an entry', async () => {
    await behindTheTriggers(`DELETE FROM ledger.postings WHERE ${books.mine} AND to_account_id IN
      (SELECT id FROM ledger.accounts WHERE kind = 'payable' AND owner = '${bob}')`);
    const [pot] = outcome(await books.verify(), 'empty_pot').differences;
    expect(pot).toMatchObject({
      expected: '0',
      actual: '50',
      subject: expect.stringMatching(/^pot:.*:USD$/),
    });
  });

  it('returns the account whose checkpoint does not match the postings', async () => {
    await horizonPassed(world);
    await world.checkpoints.execute({ tenant: books.tenant });
    await books.tamper(
      `UPDATE ledger.checkpoint_balances SET minor = minor + 7 WHERE minor = -150 AND ${books.mine}`,
    );
    const verification = await books.verify();
    expect(outcome(verification, 'derived_balance').differences).toEqual([
      { check: 'derived_balance', subject: 'funding:USD', expected: '-150', actual: '-143' },
    ]);
  });

  it('runs the registered checks of other modules and counts their differences', async () => {
    world.checks.register({
      name: 'reserved_against_transfers',
      execute: async (tx) => {
        const held = await world.ledger.reservedBalances(tx);
        const differences = held.map(({ account, minor }) => ({
          check: 'reserved_against_transfers',
          subject: String(account.owner),
          expected: '0',
          actual: String(minor),
        }));
        return {
          check: 'reserved_against_transfers',
          compared: held.length,
          differing: differences.length,
          differences,
        };
      },
    });
    const verification = await books.verify();
    expect(verification.balanced).toBe(false);
    expect(outcome(verification, 'reserved_against_transfers').differences).toEqual([
      { check: 'reserved_against_transfers', subject: ann, expected: '0', actual: '20' },
    ]);
    expect(() =>
      world.checks.register({
        name: 'reserved_against_transfers',
        execute: () => Promise.reject(new Error()),
      }),
    ).toThrow('registered twice');
  });

  it('reads one snapshot in all checks while entries are posted', async () => {
    let seen: bigint[] = [];
    world.checks.register({
      name: 'late_reader',
      execute: async (tx) => {
        await meanwhile(() => books.post(reserve(ann, 1n)));
        seen = await world.ledger.balancesOf(tx, [reserved(ann)]);
        return { check: 'late_reader', compared: 1, differing: 0, differences: [] };
      },
    });
    await books.verify();
    expect(seen).toEqual([20n]);
    expect(await books.balance(reserved(ann))).toBe(21n);
  });

  it('rejects a start after other queries of its transaction', async () => {
    const late = books.run(async (tx) => {
      await world.ledger.balancesOf(tx, [payable(ann)]);
      await world.ledger.verify(tx);
    });
    await expect(late).rejects.toThrow('SET TRANSACTION ISOLATION LEVEL must be called before any query');
  });

  it('returns a hundred differences and counts all', async () => {
    const recipients = Array.from({ length: 130 }, newId);
    await books.post(
      entry(
        'many',
        recipients.flatMap((recipient) =>
          transferOf(accounts.funding('USD'), accounts.returned(recipient, 'USD'), 5n),
        ),
      ),
    );
    await books.tamper(`UPDATE ledger.accounts SET minor = 6 WHERE kind = 'returned' AND ${books.mine}`);
    const stored = outcome(await books.verify(), 'stored_balance');
    expect(stored.differing).toBe(130);
    expect(stored.differences).toHaveLength(100);
  });
});
