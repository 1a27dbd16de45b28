import ts from 'typescript';
import { nodesOf, productionSources } from './support/sources';

/** Swagger keeps schemas by the name of their class, whatever file it stands in: of two with one name, one is not in the document. */
describe('the classes of the OpenAPI document', () => {
  const files = new Map<string, string[]>();
  for (const { ast, path } of productionSources()) {
    for (const { name } of nodesOf(ast, ts.isClassDeclaration)) {
      if (name?.text.endsWith('Dto')) files.set(name.text, [...(files.get(name.text) ?? []), path]);
    }
  }

  it('are found', () => {
    expect(files.size).toBeGreaterThan(30);
  });

  it('have names of their own', () => {
    expect([...files].filter(([, paths]) => paths.length > 1)).toEqual([]);
  });
});
