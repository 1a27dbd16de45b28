import fc from 'fast-check';
import { newId } from '../../../src/kernel/ids';
import {
  accounts,
  accountType,
  type AccountRef,
  InsufficientBalance,
  nameOf,
  type Posting,
} from '../../../src/modules/ledger';
import { Books, entry, funding, ledgerWorld, payable, reserved, type LedgerWorld } from './fixture';

const people = [newId(), newId(), newId()];
const pot = accounts.pot(newId(), 'USD');
const rail = accounts.external(newId(), 'USD');
const [ann, bob] = people as [string, string];

/** Every account a sequence may touch; stored and derived, with a floor and without. */
const ALL: AccountRef[] = [
  funding,
  rail,
  accounts.overpaid(ann, 'USD'),
  accounts.returned(bob, 'USD'),
  ...people.map(payable),
  ...people.map(reserved),
];

interface Step {
  readonly entries: Posting[][];
  /** Tell the ledger the last accepted step once more before this one. */
  readonly repeatLast: boolean;
  readonly checkpoint: boolean;
}

const anyPosting = fc
  .tuple(fc.constantFrom(...ALL), fc.constantFrom(...ALL), fc.bigInt(1n, 60n))
  .filter(([from, to]) => from !== to)
  .map(([from, to, minor]): Posting[] => [{ from, to, minor }]);
const anyAward = fc
  .tuple(fc.constantFrom(...people), fc.bigInt(1n, 200n))
  .map(([person, minor]): Posting[] => [
    { from: funding, to: pot, minor },
    { from: pot, to: payable(person), minor },
  ]);
const anyEntry = fc
  .array(fc.oneof(anyAward, anyPosting), { minLength: 1, maxLength: 3 })
  .map((parts) => parts.flat());
const anyStep: fc.Arbitrary<Step> = fc.record({
  entries: fc.array(anyEntry, { minLength: 1, maxLength: 4 }),
  repeatLast: fc.boolean(),
  checkpoint: fc.boolean(),
});

/** The books as a child would keep them: a name and a number. */
class Model {
  private balances = new Map<string, bigint>();

  /** Answers whether the step is allowed; nothing of a refused one counts. */
  apply(postings: readonly Posting[]): boolean {
    const next = new Map(this.balances);
    for (const { from, to, minor } of postings) {
      next.set(nameOf(from), (next.get(nameOf(from)) ?? 0n) - minor);
      next.set(nameOf(to), (next.get(nameOf(to)) ?? 0n) + minor);
    }
    const broken = ALL.some(
      (account) => accountType(account.kind).floor && (next.get(nameOf(account)) ?? 0n) < 0n,
    );
    if (!broken) this.balances = next;
    return !broken;
  }

  balanceOf(account: AccountRef): bigint {
    return this.balances.get(nameOf(account)) ?? 0n;
  }
}

describe('Any sequence of posts', () => {
  let world: LedgerWorld;
  beforeAll(async () => (world = await ledgerWorld()));
  afterAll(() => world.database.close());

  const play = async (steps: readonly Step[]) => {
    const books = new Books(world);
    const model = new Model();
    let last = [entry('first', [{ from: rail, to: funding, minor: 1n }])];
    model.apply(last[0]?.postings ?? []);
    await books.post(...last);
    for (const [index, step] of steps.entries()) {
      const drafts = step.entries.map((postings, position) => entry(`${index}:${position}`, postings));
      const posted = step.repeatLast ? [...last, ...drafts] : drafts;
      if (model.apply(step.entries.flat())) {
        await books.post(...posted);
        last = drafts;
      } else await expect(books.post(...posted)).rejects.toBeInstanceOf(InsufficientBalance);
      if (step.checkpoint) await world.checkpoints.execute({ tenant: books.tenant });
    }
    expect(await books.run((tx) => world.ledger.balancesOf(tx, ALL))).toEqual(
      ALL.map((account) => model.balanceOf(account)),
    );
    expect(ALL.reduce((sum, account) => sum + model.balanceOf(account), 0n)).toBe(0n);
    const verification = await books.verify();
    expect(verification.checks.flatMap(({ differences }) => differences)).toEqual([]);
  };

  it('sums to zero, matches recomputed balances, and rejects exactly what breaks a floor', async () => {
    await fc.assert(fc.asyncProperty(fc.array(anyStep, { minLength: 1, maxLength: 10 }), play), {
      numRuns: 40,
    });
  }, 60_000);
});
