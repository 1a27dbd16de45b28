import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import {
  brokenLinks,
  documents,
  longLines,
  programs,
  PROJECT,
  projectFiles,
  rulesOf,
  type Text,
  unknownDocuments,
  unknownFiles,
  unknownNames,
  unknownRules,
  wronglyNumbered,
} from './support/documents';
import { nodesOf, productionSources } from './support/sources';

const COLUMNS_MAX = 120;
const PAGE_LINES_MAX = 60;
/** Has samples of missing documents. */
const THIS = 'test/architecture/documents.spec.ts';

const files = projectFiles();
const docs = documents(files);
const code = programs(files).filter(({ path }) => path !== THIS);
const textOf = (path: string) => readFileSync(join(PROJECT, path), 'utf8');
const rules = rulesOf(textOf('docs/invariants.md'));

/**
 * Swagger stores a schema under the name of its class, whatever file the class is in: two of one name
 * overwrite each other.
 */
describe('the classes of the OpenAPI document', () => {
  const found = new Map<string, string[]>();
  for (const { ast, path } of productionSources()) {
    for (const { name } of nodesOf(ast, ts.isClassDeclaration)) {
      if (name?.text.endsWith('Dto')) found.set(name.text, [...(found.get(name.text) ?? []), path]);
    }
  }

  it('are found', () => {
    expect(found.size).toBeGreaterThan(30);
  });

  it('have names of their own', () => {
    expect([...found].filter(([, paths]) => paths.length > 1)).toEqual([]);
  });
});

describe('the documents', () => {
  it('are found', () => {
    expect(docs.map(({ path }) => path)).toEqual(expect.arrayContaining(['README.md', 'docs/invariants.md']));
  });

  it('link to files and headings that exist', () => {
    expect(docs.flatMap((document) => brokenLinks(document, files, textOf))).toEqual([]);
  });
});

describe('the lines of documents', () => {
  it('are at most 120 columns wide', () => {
    expect(docs.flatMap((document) => longLines(document, COLUMNS_MAX))).toEqual([]);
  });
});

describe('the documents about the code', () => {
  const about = (...paths: string[]) => docs.filter(({ path }) => paths.includes(path));

  it('name files that exist', () => {
    const documents = about(
      'ARCHITECTURE.md',
      'CONTRIBUTING.md',
      'README.md',
      'SECURITY.md',
      'docs/invariants.md',
      'docs/runbook.md',
    );
    expect(documents).toHaveLength(6);
    expect(documents.flatMap((document) => unknownFiles(document, files))).toEqual([]);
  });

  it('name classes, columns, reasons and log lines that exist', () => {
    const documents = about('docs/glossary.md', 'docs/invariants.md', 'docs/runbook.md');
    expect(documents.flatMap((document) => unknownNames(document, code))).toEqual([]);
  });
});

describe('docs/adr', () => {
  const decisions = docs.filter(({ path }) => /^docs\/adr\/\d{4}-/.test(path));

  it('lists every decision once in its README', () => {
    const listed = [...textOf('docs/adr/README.md').matchAll(/^\| \[(\d{4})\]\((\S+)\) /gm)].map(
      ([, number, file]) => `${number} ${file}`,
    );
    expect(listed).toEqual(
      decisions
        .map(({ path }) => path.slice('docs/adr/'.length))
        .sort()
        .map((file) => `${file.slice(0, 4)} ${file}`),
    );
  });

  it('has a page for each: at most sixty lines', () => {
    expect(
      decisions.filter(({ text }) => text.split('\n').length > PAGE_LINES_MAX + 1).map(({ path }) => path),
    ).toEqual([]);
  });
});

describe('docs/invariants.md', () => {
  it('numbers its rules from 1 without a gap', () => {
    expect(rules).toEqual(expect.arrayContaining(['M1', 'F1', 'S1']));
    expect(wronglyNumbered(rules)).toEqual([]);
  });

  it('has every rule that code and documents cite', () => {
    expect([...code, ...docs].flatMap((text) => unknownRules(text, rules))).toEqual([]);
  });
});

describe('the code', () => {
  it('refers to documents that are in the repository', () => {
    expect(code.flatMap((text) => unknownDocuments(text, files))).toEqual([]);
  });
});

describe('the checks of documents', () => {
  const sample = (text: string): Text => ({ path: 'docs/sample.md', text });
  const there = ['docs/sample.md', 'docs/adr/0001-one.md', 'README.md'];
  const target = () => '# One, and two\n';

  it('see a link to a missing file and to a missing heading', () => {
    const text =
      '[a](adr/0001-one.md) [b](../README.md#one-and-two) [c](adr) [d](gone.md) [e](../README.md#three) ' +
      '[f](https://example.com/x.md)';
    expect(brokenLinks(sample(text), there, target)).toEqual([
      'docs/sample.md: gone.md',
      'docs/sample.md: ../README.md#three',
    ]);
  });

  it('see a rule that is missing, twice or out of order', () => {
    expect(rulesOf('### M1 One\n### M2 Two\n### Other\n### F1 Three\n')).toEqual(['M1', 'M2', 'F1']);
    expect(wronglyNumbered(['M1', 'M2', 'M2', 'F2', 'F3'])).toEqual(['M2', 'F2']);
  });

  it('see a cited rule that does not exist, also in the middle of a list', () => {
    const text = '/** docs/invariants.md M1, M9 and\n * F7: see T5. */ // docs/invariants.md M1';
    expect(unknownRules(sample(text), ['M1'])).toEqual(['docs/sample.md: M9', 'docs/sample.md: F7']);
  });

  it('see a file that a document names and that does not exist, in code and in a tree', () => {
    const text =
      '`adr/0001-one.md` `src/gone.ts` `src/*.ts` `POST /gone.ts`\n' +
      '```\nREADME.md  lost.ts (aggregate), <any>.ts\n```\n';
    expect(unknownFiles(sample(text), there)).toEqual([
      'docs/sample.md: src/gone.ts',
      'docs/sample.md: lost.ts',
    ]);
  });

  it('see a name that is in no program', () => {
    const program = { path: 'src/a.ts', text: "class Paid { readonly code = 'not_paid'; send() {} }" };
    const text = '`Paid.send` `not_paid` `Paid.receive` `is_paid` `GET /paid`';
    expect(unknownNames(sample(text), [program])).toEqual([
      'docs/sample.md: Paid.receive',
      'docs/sample.md: is_paid',
    ]);
  });

  it('see a long line, and no long table or address', () => {
    const long = 'x'.repeat(21);
    expect(longLines(sample(`short\n${long}\n| ${long}\nsee https://example.com/${long}\n`), 20)).toEqual([
      'docs/sample.md:2',
    ]);
  });

  it('see a document that code names and that is not there', () => {
    const text = '// docs/adr/0001-one.md, README.md, *.md, lost.md\nreadFileSync("../../README.md")';
    expect(unknownDocuments(sample(text), there)).toEqual(['docs/sample.md: lost.md']);
  });
});
