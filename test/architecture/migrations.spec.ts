import { modules } from '../../src/module-list';
import { productionSources } from './support/sources';

describe('the list of migrations', () => {
  const names = modules.migrations.map((migration) => new migration().name);

  it('has every migration there is', () => {
    const files = productionSources().filter(({ path }) => path.includes('/migrations/'));
    const written = files.map(({ ast }) => /export class (\w+) extends SqlMigration/.exec(ast.text)?.[1]);
    expect([...names].sort()).toEqual(written.sort());
  });

  it('is in the order of their times, which no two share', () => {
    const times = names.map((name) => Number(name.slice(-13)));
    expect(times).toEqual([...new Set(times)].sort((a, b) => a - b));
  });
});
