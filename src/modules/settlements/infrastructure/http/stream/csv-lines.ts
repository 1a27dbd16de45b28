import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { CsvError, type InfoRecord, parse, type Parser } from 'csv-parse';
import { LINE_FIELDS, type RawLine } from '../../../application/award-line';
import { SettlementNotRecordable } from '../../../domain/errors';
import { LINE_BYTES_MAX } from './ndjson-lines';

const BATCH_LINES = 1_000;

interface CsvRecord {
  readonly line: number;
  readonly values: readonly string[];
}

/**
 * Reads CSV with a header of recipient_id or external_id, amount, rank. A record with a wrong number of fields
 * is an error of its line. An unclosed quote makes the rest of the file unreadable.
 *
 * @throws SettlementNotRecordable for an unreadable file or header
 */
export async function* csvLines(bytes: AsyncIterable<Buffer>): AsyncGenerator<RawLine[]> {
  const parser = parse({
    bom: true,
    relax_column_count: true,
    skip_empty_lines: true,
    max_record_size: LINE_BYTES_MAX,
    on_record: withLine,
  });
  // An error of the pipeline destroys the parser, and the loop below receives it from there.
  void pipeline(Readable.from(bytes), parser).catch(() => undefined);
  try {
    yield* linesOf(parser);
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw new SettlementNotRecordable([
      {
        code: 'invalid_line',
        message: 'the rest of the CSV cannot be read: a quote is misplaced, or a record is too long',
        line: lineOf(error),
      },
    ]);
  }
}

/** The types of csv-parse do not know that this hook changes the records. */
const withLine = ((values, { lines }) => ({ line: lines, values })) as (
  values: string[],
  context: InfoRecord,
) => never;

async function* linesOf(parser: Parser): AsyncGenerator<RawLine[]> {
  let header: readonly string[] | null = null;
  let batch: RawLine[] = [];
  for await (const record of parser as AsyncIterable<CsvRecord>) {
    if (!header) {
      header = checkedHeader(record);
      continue;
    }
    if (batch.push(rawLine(header, record)) < BATCH_LINES) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

function checkedHeader({ line, values }: CsvRecord): readonly string[] {
  const names = values.map((value) => value.trim().toLowerCase());
  const unknown = names.find((name) => !(LINE_FIELDS as readonly string[]).includes(name));
  const isWhole =
    names.includes('amount') && (names.includes('recipient_id') || names.includes('external_id'));
  if (unknown === undefined && isWhole && new Set(names).size === names.length) return names;
  throw new SettlementNotRecordable([
    {
      code: 'invalid_line',
      message: `the first line must name the columns; allowed are ${LINE_FIELDS.join(', ')}`,
      line,
    },
  ]);
}

/** Treats an empty field as absent and converts the rank to a number. */
function rawLine(header: readonly string[], { line, values }: CsvRecord): RawLine {
  if (values.length !== header.length)
    return { line, problem: `the line has ${values.length} fields instead of ${header.length}` };
  const fields: Record<string, unknown> = {};
  header.forEach((name, index) => {
    const value = values[index] ?? '';
    if (value !== '') fields[name] = name === 'rank' && /^\d{1,10}$/.test(value) ? Number(value) : value;
  });
  return { line, fields };
}

function lineOf(error: CsvError): number | null {
  return typeof error['lines'] === 'number' ? error['lines'] : null;
}
