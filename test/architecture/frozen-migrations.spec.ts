import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { modules } from '../../src/module-list';
import {
  changesSince,
  frozenFilesOf,
  isFrozen,
  releaseTags,
  type SourceText,
} from './support/frozen-migrations';
import { productionSources } from './support/sources';

/** Databases exist that ran a released migration: a change of it would never reach them. */
describe('released migrations', () => {
  const current = productionSources()
    .map(({ path, ast }) => ({ path, text: ast.text }))
    .filter(({ path }) => isFrozen(path));
  const order = modules.migrations.map((migration) => new migration().name);
  const tags = releaseTags();
  const manifest = readFileSync(join(__dirname, '../../package.json'), 'utf8');
  const { version } = JSON.parse(manifest) as { version: string };

  it('are every migration, and what decides their statements', () => {
    expect(current).toHaveLength(modules.migrations.length + 2);
  });

  // Without the tags of a later version (a shallow clone) there would be nothing to compare, unnoticed.
  it(tags.length ? `are as they were in ${tags.join(', ')}` : 'have no release tag (v*) before 0.1.0', () => {
    if (tags.length === 0) expect(version).toBe('0.1.0');
    expect(tags.flatMap((tag) => changesSince(frozenFilesOf(tag), current, order))).toEqual([]);
  });
});

describe('the comparison with a release', () => {
  const migration = (name: string, body = '', imports = "'../../database'"): string =>
    `import {\n  SqlMigration,\n} from ${imports};\n\n/** Makes it. */\nexport class ${name} extends SqlMigration {\n` +
    `  readonly name = '${name}';\n${body}}\n`;
  const A: SourceText = {
    path: 'src/modules/a/migrations/1764000000000-a.ts',
    text: migration('A1764000000000'),
  };
  const B: SourceText = {
    path: 'src/modules/b/migrations/1764000001000-b.ts',
    text: migration('B1764000001000'),
  };
  const LATER: SourceText = {
    path: 'src/modules/a/migrations/1764000002000-c.ts',
    text: migration('C1764000002000'),
  };
  const names = ['A1764000000000', 'B1764000001000'];

  it('accepts the same files, and a new one after them', () => {
    expect(changesSince([B, A], [A, B], names)).toEqual([]);
    expect(changesSince([A, B], [A, B, LATER], [...names, 'C1764000002000'])).toEqual([]);
  });

  it('accepts a file that moved with its imports', () => {
    const moved = {
      path: 'src/parts/1764000000000-a.ts',
      text: migration('A1764000000000', '', "'../database'"),
    };
    expect(changesSince([A, B], [moved, B], names)).toEqual([]);
  });

  it.each([
    ['a statement', { ...A, text: migration('A1764000000000', '  more() {}\n') }],
    ['a comment', { ...A, text: A.text.replace('Makes it', 'Makes it all') }],
    ['a name', { ...A, text: migration('Other1764000000000') }],
  ])('rejects a change of %s', (_what, changed) => {
    expect(changesSince([A, B], [changed, B], names)).toEqual([`${A.path} was changed`]);
  });

  it('rejects a removed file', () => {
    expect(changesSince([A, B], [A], names)).toEqual([`${B.path} was removed`]);
  });

  it.each([
    [
      'a migration before a released one',
      ['A1764000000000', 'New1764000000500', 'B1764000001000'],
      'B1764000001000',
    ],
    ['released ones in another order', ['B1764000001000', 'A1764000000000'], 'A1764000000000'],
    ['a list without one of them', ['A1764000000000'], 'B1764000001000'],
  ])('rejects %s', (_what, order, first) => {
    expect(changesSince([A, B], [A, B], order)).toEqual([
      `${first} is not in its place in the list of migrations`,
    ]);
  });
});
