import fc from 'fast-check';
import { newId } from '../../../kernel/ids';
import { accountIdOf } from './account-id';
import { EntryConflict } from './errors';
import { balanceChangesOf, journalOf, POSTINGS_MAX } from './journal-entry';
import {
  accounts,
  InvalidPosting,
  transferOf,
  type AccountRef,
  type EntryDraft,
  type Posting,
} from './posting';

const ann = newId();
const bob = newId();
const settlement = newId();
const funding = accounts.funding('USD');
const pot = accounts.pot(settlement, 'USD');
const annPayable = accounts.payable(ann, 'award', 'USD');
const annReserved = accounts.reserved(ann, 'award', 'USD');
const bobPayable = accounts.payable(bob, 'award', 'USD');
const rail = accounts.external(newId(), 'USD');

const draft = (postings: Posting[], reference = 'r', kind = 'tested'): EntryDraft => ({
  reference,
  kind,
  actor: 'a test',
  postings,
});
const entryOf = (postings: Posting[], kind?: string) => journalOf([draft(postings, 'r', kind)]).entries[0];

const anyAccount = fc.constantFrom(funding, annPayable, annReserved, bobPayable, rail);
const anyPosting = fc
  .tuple(anyAccount, anyAccount, fc.bigInt(1n, 10n ** 13n))
  .filter(([from, to]) => from !== to)
  .map(([from, to, minor]): Posting => ({ from, to, minor }));

describe('A journal entry', () => {
  it('has the same content hash for any order of its postings', () => {
    fc.assert(
      fc.property(fc.array(anyPosting, { minLength: 1, maxLength: 8 }), (postings) => {
        const shuffled = [...postings].sort((a, b) => Number(a.minor % 7n) - Number(b.minor % 7n));
        expect(entryOf(shuffled)?.contentHash).toEqual(entryOf(postings)?.contentHash);
      }),
    );
  });

  it('has another content hash with another amount, account, direction or kind', () => {
    const hash = (postings: Posting[], kind?: string) => entryOf(postings, kind)?.contentHash.toString('hex');
    const hashes = [
      hash(transferOf(annPayable, annReserved, 100n)),
      hash(transferOf(annPayable, annReserved, 101n)),
      hash(transferOf(annReserved, annPayable, 100n)),
      hash(transferOf(bobPayable, annReserved, 100n)),
      hash(transferOf(annPayable, annReserved, 100n), 'other'),
    ];
    expect(new Set(hashes).size).toBe(hashes.length);
  });

  it('is merged if it is in one call twice; two contents are a conflict', () => {
    const once = draft(transferOf(annPayable, annReserved, 100n));
    expect(journalOf([once, { ...once, actor: 'another actor' }]).entries).toHaveLength(1);
    expect(() => journalOf([once, draft(transferOf(annPayable, annReserved, 99n))])).toThrow(EntryConflict);
  });

  it.each<[string, Posting[]]>([
    ['no postings', []],
    ['a posting of zero', [{ from: annPayable, to: annReserved, minor: 0n }]],
    ['a negative posting', [{ from: annPayable, to: annReserved, minor: -1n }]],
    ['a posting above what the database holds', [{ from: annPayable, to: annReserved, minor: 2n ** 63n }]],
    ['a posting to itself', [{ from: annPayable, to: annPayable, minor: 1n }]],
    ['two currencies', [{ from: annPayable, to: accounts.reserved(ann, 'award', 'EUR'), minor: 1n }]],
    ['money left in the pot', [...transferOf(funding, pot, 10n), ...transferOf(pot, annPayable, 9n)]],
    [
      'more taken from the pot than was in it',
      [...transferOf(funding, pot, 10n), ...transferOf(pot, annPayable, 11n)],
    ],
  ])('with %s is rejected', (_case, postings) => {
    expect(() => journalOf([draft(postings)])).toThrow(InvalidPosting);
  });

  it.each<[string, AccountRef]>([
    ['a kind that is not in the chart', { ...funding, kind: 'cash' as 'funding' }],
    ['an owner where the tenant owns', { ...funding, owner: ann }],
    ['no owner where one is needed', { ...annPayable, owner: null }],
    ['an owner that is no id', { ...annPayable, owner: 'ann' }],
    ['no purpose where one is needed', { ...annPayable, purpose: null }],
    ['a purpose where there is none', { ...rail, purpose: 'award' }],
    ['a currency that is none', { ...rail, currency: 'usd' }],
  ])('on an account with %s is rejected', (_case, account) => {
    expect(() => journalOf([draft([{ from: account, to: bobPayable, minor: 1n }])])).toThrow(InvalidPosting);
  });

  it('is rejected above the limit of postings of one call', () => {
    const postings = Array.from({ length: POSTINGS_MAX + 1 }, () => ({
      from: annPayable,
      to: annReserved,
      minor: 1n,
    }));
    expect(() => journalOf([draft(postings)])).toThrow(`more than ${POSTINGS_MAX} postings`);
  });
});

describe('The balance changes of entries', () => {
  it('are the sums per account with a stored balance, and nothing for other accounts', () => {
    const { entries, accounts: touched } = journalOf([
      draft(
        [
          ...transferOf(funding, pot, 30n),
          ...transferOf(pot, annPayable, 10n),
          ...transferOf(pot, bobPayable, 20n),
        ],
        'first',
      ),
      draft(transferOf(annPayable, annReserved, 4n), 'second'),
      draft(transferOf(annReserved, rail, 4n), 'third'),
    ]);
    const changes = new Map(balanceChangesOf(entries, touched).map(({ id, delta }) => [id, delta]));
    expect(changes).toEqual(
      new Map([
        [accountIdOf(annPayable), 6n],
        [accountIdOf(bobPayable), 20n],
      ]),
    );
  });

  it('sum to zero together with the changes of derived balances', () => {
    fc.assert(
      fc.property(fc.array(fc.array(anyPosting, { minLength: 1, maxLength: 4 }), { maxLength: 6 }), (all) => {
        const journal = journalOf(all.map((postings, index) => draft(postings, `r${index}`)));
        const stored = balanceChangesOf(journal.entries, journal.accounts).reduce(
          (sum, { delta }) => sum + delta,
          0n,
        );
        const rest = all.flat().reduce((sum, { from, to, minor }) => {
          const isDerived = (account: AccountRef) => account === funding || account === rail;
          return sum + (isDerived(to) ? minor : 0n) - (isDerived(from) ? minor : 0n);
        }, 0n);
        expect(stored + rest).toBe(0n);
      }),
    );
  });
});

describe('The id of an account', () => {
  it('depends on kind, owner, purpose and currency', () => {
    const refs = [
      annPayable,
      annReserved,
      bobPayable,
      rail,
      funding,
      { ...annPayable, purpose: 'payout' as const },
      { ...annPayable, currency: 'EUR' },
    ];
    expect(new Set(refs.map(accountIdOf)).size).toBe(refs.length);
    expect(accountIdOf({ ...annPayable })).toBe(accountIdOf(annPayable));
  });

  it('is stable between versions, because accounts in the database have it', () => {
    expect(accountIdOf(accounts.payable('0198b0f2-7c1e-7b3a-9d55-2f6f0b1c4e10', 'award', 'USD'))).toBe(
      '64201213-ab11-bb79-7862-89e2a416eef8',
    );
  });
});
