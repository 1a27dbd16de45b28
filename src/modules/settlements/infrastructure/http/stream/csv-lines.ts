import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { CsvError, type InfoRecord, parse, type Parser } from 'csv-parse';
import { LINE_FIELDS, type RawLine } from '../../../application/award-line';
import { SettlementRefused } from '../../../domain/errors';
import { LINE_BYTES_MAX } from './ndjson-lines';

const TOGETHER = 1_000;

interface CsvRecord {
  readonly line: number;
  readonly values: readonly string[];
}

/**
 * Reads CSV with a header of recipient_id or external_id, amount, rank. A record with a wrong number of
 * fields is a problem of its line; a quote that is never closed is one of the rest of the file, so that it
 * throws SettlementRefused.
 */
export async function* csvLines(bytes: AsyncIterable<Buffer>): AsyncGenerator<RawLine[]> {
  const parser = parse({
    bom: true,
    relax_column_count: true,
    skip_empty_lines: true,
    max_record_size: LINE_BYTES_MAX,
    on_record: withLine,
  });
  // Its failure reaches the loop through the parser, which it destroys.
  void pipeline(Readable.from(bytes), parser).catch(() => undefined);
  try {
    yield* linesOf(parser);
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw new SettlementRefused([
      {
        code: 'invalid_line',
        message: 'the CSV cannot be read on: a quote is out of place, or a record is too long',
        line: lineOf(error),
      },
    ]);
  }
}

/** csv-parse types its records as they are parsed, not as this hook turns them. */
const withLine = ((values, { lines }) => ({ line: lines, values })) as (
  values: string[],
  context: InfoRecord,
) => never;

async function* linesOf(parser: Parser): AsyncGenerator<RawLine[]> {
  let header: readonly string[] | null = null;
  let together: RawLine[] = [];
  for await (const record of parser as AsyncIterable<CsvRecord>) {
    if (!header) {
      header = checkedHeader(record);
      continue;
    }
    if (together.push(rawLine(header, record)) < TOGETHER) continue;
    yield together;
    together = [];
  }
  if (together.length > 0) yield together;
}

function checkedHeader({ line, values }: CsvRecord): readonly string[] {
  const names = values.map((value) => value.trim().toLowerCase());
  const strange = names.find((name) => !(LINE_FIELDS as readonly string[]).includes(name));
  const isWhole =
    names.includes('amount') && (names.includes('recipient_id') || names.includes('external_id'));
  if (strange === undefined && isWhole && new Set(names).size === names.length) return names;
  throw new SettlementRefused([
    {
      code: 'invalid_line',
      message: `the first line must name the columns, out of ${LINE_FIELDS.join(', ')}`,
      line,
    },
  ]);
}

/** An empty field is an absent one, and a rank is a number: CSV knows neither. */
function rawLine(header: readonly string[], { line, values }: CsvRecord): RawLine {
  if (values.length !== header.length)
    return { line, problem: `the line has ${values.length} fields instead of ${header.length}` };
  const fields: Record<string, unknown> = {};
  header.forEach((name, at) => {
    const value = values[at] ?? '';
    if (value !== '') fields[name] = name === 'rank' && /^\d{1,10}$/.test(value) ? Number(value) : value;
  });
  return { line, fields };
}

function lineOf(error: CsvError): number | null {
  return typeof error['lines'] === 'number' ? error['lines'] : null;
}
