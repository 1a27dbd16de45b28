import { hash } from 'node:crypto';
import { isUuid, newId } from '../../../kernel/ids';
import { accountIdOf } from './account-id';
import { accountType, CHART } from './chart';
import { EntryConflict } from './errors';
import { InvalidPosting, nameOf, type AccountRef, type EntryDraft } from './posting';

/** The limit of one call, which would otherwise hold its locks for seconds. An expansion chunk has 5,000. */
export const POSTINGS_MAX = 50_000;

const MINOR_MAX = 2n ** 63n - 1n;
const CURRENCY = /^[A-Z]{3}$/;

export interface Line {
  readonly fromId: string;
  readonly toId: string;
  readonly minor: bigint;
}

/** A checked draft. */
export interface JournalEntry {
  readonly id: string;
  readonly reference: string;
  readonly kind: string;
  readonly actor: string;
  readonly occurredAt: Date | null;
  readonly contentHash: Buffer;
  readonly lines: readonly Line[];
}

export interface Journal {
  readonly entries: readonly JournalEntry[];
  /** All accounts of the postings, by id. */
  readonly accounts: ReadonlyMap<string, AccountRef>;
}

/**
 * Checks drafts against the chart and merges drafts with the same reference and content.
 *
 * @throws InvalidPosting, EntryConflict for one reference with two contents
 */
export function journalOf(drafts: readonly EntryDraft[]): Journal {
  const book = new AccountBook();
  const entries = new Map<string, JournalEntry>();
  let postings = 0;
  for (const draft of drafts) {
    postings += draft.postings.length;
    if (postings > POSTINGS_MAX) throw new InvalidPosting(`more than ${POSTINGS_MAX} postings at once`);
    const entry = entryOf(draft, book);
    const same = entries.get(entry.reference);
    if (same && !same.contentHash.equals(entry.contentHash)) throw new EntryConflict(entry.reference);
    if (!same) entries.set(entry.reference, entry);
  }
  return { entries: [...entries.values()], accounts: book.accounts };
}

function entryOf(draft: EntryDraft, book: AccountBook): JournalEntry {
  if (draft.postings.length === 0) throw new InvalidPosting(`entry ${draft.reference} has no postings`);
  const pots = new Map<string, bigint>();
  const lines = draft.postings.map(({ from, to, minor }) => {
    const line = { fromId: book.idOf(from), toId: book.idOf(to), minor };
    if (from.currency !== to.currency)
      throw new InvalidPosting(`${draft.reference}: a posting from ${nameOf(from)} to ${nameOf(to)}`);
    if (line.fromId === line.toId)
      throw new InvalidPosting(`${draft.reference}: a posting from ${nameOf(from)} to itself`);
    if (minor <= 0n || minor > MINOR_MAX)
      throw new InvalidPosting(`${draft.reference}: a posting of ${minor}`);
    if (from.kind === 'pot') pots.set(line.fromId, (pots.get(line.fromId) ?? 0n) - minor);
    if (to.kind === 'pot') pots.set(line.toId, (pots.get(line.toId) ?? 0n) + minor);
    return line;
  });
  for (const rest of pots.values())
    if (rest !== 0n) throw new InvalidPosting(`${draft.reference}: ${rest} would stay in the pot`);
  const { reference, kind, actor, occurredAt = null } = draft;
  return { id: newId(), reference, kind, actor, occurredAt, contentHash: contentHashOf(kind, lines), lines };
}

/**
 * The order of postings does not matter, because two processes may post one fact in different orders. The
 * verification recomputes the hash in SQL.
 */
function contentHashOf(kind: string, lines: readonly Line[]): Buffer {
  const sorted = lines.map((line) => `${line.fromId} ${line.toId} ${line.minor}`).sort();
  return hash('sha256', `${kind}\n${sorted.join('\n')}`, 'buffer');
}

/** Checks and hashes each account once per call, because an expansion has thousands of postings. */
class AccountBook {
  readonly accounts = new Map<string, AccountRef>();

  idOf(account: AccountRef): string {
    const id = accountIdOf(account);
    if (!this.accounts.has(id)) {
      assertInChart(account);
      this.accounts.set(id, account);
    }
    return id;
  }
}

export function assertInChart(account: AccountRef): void {
  if (!(account.kind in CHART)) throw new InvalidPosting(`no account kind ${account.kind}`);
  const type = accountType(account.kind);
  const ownerFits = type.owner === 'tenant' ? account.owner === null : isUuid(account.owner);
  const purposeFits =
    account.purpose === null ? type.purposes.length === 0 : type.purposes.includes(account.purpose);
  if (!ownerFits || !purposeFits || !CURRENCY.test(account.currency)) {
    throw new InvalidPosting(
      `${nameOf(account)} does not fit the chart: owner ${type.owner}, purpose ${type.purposes.join('|') || 'none'}`,
    );
  }
}

export interface BalanceChange {
  readonly id: string;
  readonly delta: bigint;
  readonly floor: boolean;
}

/** The changes of stored balances, one per account. */
export function balanceChangesOf(
  entries: readonly JournalEntry[],
  accounts: ReadonlyMap<string, AccountRef>,
): BalanceChange[] {
  const deltas = new Map<string, bigint>();
  const add = (id: string, minor: bigint) => deltas.set(id, (deltas.get(id) ?? 0n) + minor);
  for (const entry of entries) {
    for (const line of entry.lines) {
      add(line.fromId, -line.minor);
      add(line.toId, line.minor);
    }
  }
  return [...deltas]
    .map(([id, delta]) => ({ id, delta, type: accountType((accounts.get(id) as AccountRef).kind) }))
    .filter(({ type, delta }) => type.stored && delta !== 0n)
    .map(({ id, delta, type }) => ({ id, delta, floor: type.floor }));
}
