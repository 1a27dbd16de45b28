import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { foreignSchemas } from './support/schemas';
import { productionSources, source } from './support/sources';
import { sqlBuiltFromValues } from './support/sql-values';

/** Files that must build a statement from a value, each with the reason why it is safe. */
const BUILDERS: Readonly<Record<string, string>> = {
  'src/platform/database/postgres-unit-of-work.ts':
    'the tenant of a unit of work, checked against the pattern of a UUID',
  'src/platform/database/provision.ts':
    'role names and rights are constants, passwords and the database name are escaped by the driver',
  'src/platform/database/combine-statements.ts':
    'puts statements together that are ours; their values stay values',
  'src/platform/database/tenant-table.ts': 'table and column names of migrations, which no request reaches',
};

const MODULES = readdirSync(join(__dirname, '../../src/modules'));
const project = productionSources();

const TABLE = 'src/modules/ledger/infrastructure/persistence/sql/entries.sql.ts';
const built = (...texts: string[]) => sqlBuiltFromValues(texts.map((text) => source(TABLE, text)));

describe('SQL in the project', () => {
  it('passes every value as $n', () => {
    expect(sqlBuiltFromValues(project.filter(({ path }) => !(path in BUILDERS)))).toEqual([]);
  });

  it('has no file on the list that no longer builds a statement', () => {
    expect(Object.keys(BUILDERS).filter((path) => !existsSync(join(__dirname, '../..', path)))).toEqual([]);
  });

  it('names only the schema of its own module', () => {
    expect(foreignSchemas(project, MODULES)).toEqual([]);
  });
});

describe('the check of values in SQL', () => {
  it.each([
    [
      'a parameter in a template',
      'export const find = (id: string) => ({ text: `SELECT 1 FROM ledger.entries WHERE id = ${id}`, values: [] });\n' +
        'find(request.id);',
    ],
    [
      'a parameter that is never called',
      'export const find = (id: string) => ({ text: `SELECT 1 FROM ledger.entries WHERE id = ${id}`, values: [] });',
    ],
    [
      'a parameter in a sum',
      "export const find = (id: string) => 'SELECT 1 FROM ledger.entries WHERE id = ' + id;\n" +
        'find(request.id);',
    ],
    [
      'a member of what was given',
      'export function list(page: Page) {\n' +
        '  return `SELECT 1 FROM ledger.entries ORDER BY ${page.sort} LIMIT 1`;\n}',
    ],
    [
      'one bad call among good ones',
      'const list = (order: string) => `SELECT 1 FROM ledger.entries ORDER BY ${order}`;\n' +
        'list("id");\nlist(sort);',
    ],
    [
      'a value joined into a list',
      'export const list = (ids: string[]) => `SELECT 1 FROM ledger.entries WHERE id IN (${ids.join(",")})`;\n' +
        'list(given);',
    ],
    [
      'a choice with one bad branch',
      'export const list = (f: Filter) => `SELECT 1 FROM ledger.entries ORDER BY ${f.up ? "id" : f.sort}`;',
    ],
    [
      'a variable that may change',
      'let order = "id";\nexport const list = () => `SELECT 1 FROM ledger.entries ORDER BY ${order}`;',
    ],
    [
      'a value pushed into a list',
      'const list = (id: string) => {\n  const where = ["true"];\n  where.push(`id = ${id}`);\n' +
        '  return `SELECT 1 FROM ledger.entries WHERE ${where.join(" AND ")}`;\n};\nlist(given);',
    ],
    [
      'a call of a foreign function',
      'export const list = () => `SELECT 1 FROM ledger.entries WHERE ${where()}`;',
    ],
  ])('sees %s', (_case, text) => {
    expect(built(text)).toHaveLength(1);
  });

  it.each([
    [
      'constants',
      'const COLUMNS = "a, b";\nexport const list = () => `SELECT ${COLUMNS} FROM ledger.entries`;',
    ],
    [
      'a choice of texts',
      'export const list = (up: boolean) => `SELECT 1 FROM ledger.entries ORDER BY id ${up ? "ASC" : "DESC"}`;',
    ],
    [
      'a typed choice',
      "export const list = (way: 'ASC' | 'DESC') => `SELECT 1 FROM ledger.entries ORDER BY id ${way}`;",
    ],
    [
      'a builder called with texts',
      'const next = (after: string) => `SELECT 1 FROM ledger.entries ${after}`;\n' +
        'export const all = () => `WITH a AS (${next("")}) SELECT 1`;',
    ],
    [
      'columns of a constant',
      'const NAMES = ["a"];\n' +
        'export const list = () => `SELECT ${NAMES.map((name) => `t.${name}`).join(", ")} FROM ledger.entries t`;',
    ],
    [
      'a pair of texts',
      'export const list = (up: boolean) => {\n' +
        '  const [is, way] = up ? [">", "ASC"] : ["<", "DESC"];\n' +
        '  return `SELECT 1 FROM ledger.entries WHERE id ${is} $1 ORDER BY id ${way}`;\n};',
    ],
    [
      'columns of a constant in a loop',
      'const BY = { a: "b" };\nexport const list = () => {\n  const where = ["true"];\n' +
        '  for (const [name, column] of Object.entries(BY)) where.push(`${column} = $1`);\n' +
        '  return `SELECT 1 FROM ledger.entries WHERE ${where.join(" AND ")}`;\n};',
    ],
    [
      'filters that get their place',
      'export const list = (id: string) => {\n  const where = ["true"];\n' +
        '  where.push(`id = $${values.push(id)}`);\n' +
        '  return `SELECT 1 FROM ledger.entries WHERE ${where.join(" AND ")}`;\n};',
    ],
    ['words for people', 'export const refuse = (id: string) => new Error(`the entry ${id} is not there`);'],
  ])('lets %s pass', (_case, text) => {
    expect(built(text)).toEqual([]);
  });

  it('follows a builder into other files', () => {
    const builder =
      'export function comparison(rows: string) {\n' +
      '  return { text: `WITH compared AS (${rows}) SELECT 1`, values: [] };\n}';
    expect(built(builder, 'const ROWS = "SELECT 1";\nexport const check = () => comparison(ROWS);')).toEqual(
      [],
    );
    expect(
      built(builder, 'export const check = (rows: string) => comparison(rows);\ncheck(request.body);'),
    ).toHaveLength(1);
  });
});

describe('the check of schemas', () => {
  const seen = (path: string, text: string) => foreignSchemas([source(path, text)], ['ledger', 'transfers']);

  it("sees a neighbour's table, in a template and in a migration", () => {
    expect(
      seen(TABLE, 'export const list = () => `SELECT 1 FROM transfers.transfers WHERE id = ${ID}`;'),
    ).toHaveLength(1);
    expect(
      seen(
        'src/modules/ledger/infrastructure/persistence/migrations/1-a.ts',
        "export const all = ['REFERENCES transfers.transfers (id)'];",
      ),
    ).toHaveLength(1);
    expect(seen(TABLE, 'export const list = () => `SELECT 1 FROM platform.outbox`;')).toHaveLength(1);
    expect(
      seen('src/platform/outbox/relay.sql.ts', 'export const list = () => `SELECT 1 FROM ledger.entries`;'),
    ).toHaveLength(1);
  });

  it('accepts the own schema and the common trigger', () => {
    expect(
      seen(
        TABLE,
        'export const list = () => `SELECT 1 FROM ledger.entries`;\n' +
          'export const t = `EXECUTE FUNCTION platform.refuse_change()`;',
      ),
    ).toEqual([]);
  });
});
