import { type Currency, InvalidAmount, Money, quantumOf } from '../../../kernel/money';
import type { RecipientRef } from '../../recipients';
import type { InputError } from '../domain/errors';
import { RANK_MAX } from '../domain/plan';

/** One line of a stream, parsed as NDJSON or CSV. `problem` is set if the format could not be parsed. */
export interface RawLine {
  readonly line: number;
  readonly fields?: Readonly<Record<string, unknown>>;
  readonly problem?: string;
}

export interface AwardLine {
  readonly line: number;
  readonly payee: RecipientRef;
  readonly amountMinor: bigint;
  readonly rank: number | null;
}

export const LINE_FIELDS = ['recipient_id', 'external_id', 'amount', 'rank'] as const;
const FIELDS: ReadonlySet<string> = new Set(LINE_FIELDS);
const ID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
/** PostgreSQL cannot store control characters or lone surrogates as text. */
const EXTERNAL_ID = /^[^\p{Cc}\p{Cs}]{1,255}$/u;

/** Returns the award of a line, or its error. */
export function readAwardLine(raw: RawLine, currency: Currency): AwardLine | InputError {
  const { line, fields, problem } = raw;
  const error = (code: InputError['code'], message: string): InputError => ({ code, message, line });
  if (!fields) return error('invalid_line', problem ?? 'the line is not an award');
  const unknown = Object.keys(fields).find((name) => !FIELDS.has(name));
  if (unknown !== undefined)
    return error('invalid_line', `${JSON.stringify(unknown.slice(0, 50))} is not a field of an award`);
  const payee = payeeOf(fields);
  if (typeof payee === 'string') return error('invalid_line', payee);
  const rank = fields['rank'] ?? null;
  if (rank !== null && !(Number.isInteger(rank) && Number(rank) >= 1 && Number(rank) <= RANK_MAX)) {
    return error('invalid_standings', 'the rank must be a whole number from 1');
  }
  const amount = amountOf(fields['amount'], currency);
  if (typeof amount !== 'bigint') return error(amount.code, amount.message);
  return { line, payee, amountMinor: amount, rank: rank as number | null };
}

function payeeOf({
  recipient_id: recipientId,
  external_id: externalId,
}: Readonly<Record<string, unknown>>): RecipientRef | string {
  if ((recipientId === undefined) === (externalId === undefined))
    return 'an award names its payee by either recipient_id or external_id';
  if (externalId !== undefined) {
    return typeof externalId === 'string' && EXTERNAL_ID.test(externalId)
      ? { externalId }
      : 'external_id must be text of 1 to 255 printable characters';
  }
  return typeof recipientId === 'string' && ID.test(recipientId)
    ? { recipientId: recipientId.toLowerCase() }
    : 'recipient_id must be a UUID';
}

function amountOf(text: unknown, currency: Currency): bigint | Pick<InputError, 'code' | 'message'> {
  try {
    const { minor } = Money.parse(text, currency);
    if (minor === 0n) return { code: 'invalid_amount', message: 'the award must be above 0' };
    const quantum = quantumOf(currency);
    if (minor % quantum === 0n) return minor;
    return {
      code: 'amount_not_payable',
      message: `the award is not a multiple of ${Money.of(quantum, currency).toText()} ${currency}`,
    };
  } catch (error) {
    if (error instanceof InvalidAmount) return { code: 'invalid_amount', message: error.message };
    throw error;
  }
}
