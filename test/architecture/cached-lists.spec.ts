import ts from 'typescript';
import { nodesOf, productionSources, source, type Source } from './support/sources';

const WRITES = /\.(?:count|insert|update|delete|write)\(|\.insert\(\)|pendingWrite\(/;
const INVALIDATES = /\bthis\.responses\.invalidate\(tx, /;

/** Methods that write nothing that a cached list shows, and what they write. */
const NOT_SHOWN: Readonly<Record<string, string>> = {
  'PostgresPayoutJobRepository.save': 'the list of settlements shows the id of the job only',
  'PostgresPayoutJobRepository.touch': 'the list of settlements shows the id of the job only',
  'PostgresRailAccountStore.replaceSecretKey': 'no list shows the secret key',
  'PostgresRailAccountStore.recordChange': 'no list shows changes of an account',
};

/** The methods of adapters with a ListResponseCache that write without invalidating a list. */
function silentWriters(file: Source): string[] {
  return nodesOf(file.ast, ts.isClassDeclaration)
    .filter((owner) => /\breadonly responses: ListResponseCache\b/.test(owner.getText(file.ast)))
    .flatMap((owner) =>
      owner.members
        .filter(ts.isMethodDeclaration)
        .filter((method) => WRITES.test(method.getText(file.ast)))
        .filter((method) => !INVALIDATES.test(method.getText(file.ast)))
        .map((method) => `${owner.name?.text}.${method.name.getText(file.ast)}`),
    );
}

describe('an adapter of a cached list', () => {
  it('invalidates the list in every method that writes what it shows', () => {
    expect(productionSources().flatMap(silentWriters).sort()).toEqual(Object.keys(NOT_SHOWN).sort());
  });

  it.each([
    ['add(tx) { await sql(tx).count(insert()); }', ['Store.add']],
    ['add(tx) { this.responses.invalidate(tx, LIST); await sql(tx).count(insert()); }', []],
    ['find(tx) { return sql(tx).maybe(find()); }', []],
  ])('is found when it forgets that: %s', (method, found) => {
    const text = `class Store { constructor(private readonly responses: ListResponseCache) {} async ${method} }`;
    expect(silentWriters(source('src/store.ts', text))).toEqual(found);
  });
});
