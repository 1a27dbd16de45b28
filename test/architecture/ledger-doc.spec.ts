import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PAGE, readModules, render } from '../../scripts/ledger-doc.cjs';
import { CHART } from '../../src/modules/ledger/contract';

const modules = readModules(join(__dirname, '../../src/modules'), 'ts', (file) => jest.requireActual(file));
const facts = modules.flatMap((module) => module.facts);

describe('docs/ledger.md', () => {
  it('says what the accounting files say ("npm run docs:ledger" writes it)', () => {
    expect(readFileSync(PAGE, 'utf8')).toBe(render(CHART, modules));
  });

  it('has facts of every module that has an accounting file', () => {
    expect(modules.length).toBeGreaterThanOrEqual(3);
    expect(modules.filter((module) => module.facts.length === 0)).toEqual([]);
  });

  it('names only accounts of the chart', () => {
    const transfers = facts.flatMap(({ fact, postings }) =>
      [...postings.replaceAll(/<[^>]*>/g, '').matchAll(/([a-z_]+)\S* → ([a-z_]+)/g)].map(([, from, to]) => ({
        fact,
        from,
        to,
      })),
    );
    expect(transfers.length).toBeGreaterThan(0);
    expect(transfers.filter(({ from = '', to = '' }) => !(from in CHART) || !(to in CHART))).toEqual([]);
  });

  it('gives each kind of entry to one fact', () => {
    const kinds = facts.map(({ kind }) => kind);
    expect(kinds.filter((kind, index) => kinds.indexOf(kind) !== index)).toEqual([]);
    expect(kinds.filter((kind) => !/^[a-z][a-z_]*$/.test(kind))).toEqual([]);
  });
});
