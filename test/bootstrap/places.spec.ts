import { join } from 'node:path';

const { PROJECT, dataRoot } = jest.requireActual<{ PROJECT: string; dataRoot: (dataDir?: string) => string }>(
  '../../scripts/lib/places.cjs',
);
const isRoot = process.getuid?.() === 0;

describe('the folder of an embedded database', () => {
  it('is the same for the clone and its default DATA_DIR', () => {
    expect(dataRoot(join(PROJECT, '.disburse'))).toBe(dataRoot());
  });

  it('differs for another DATA_DIR, whose secrets cannot decrypt the data of the first', () => {
    const [first, second] = [dataRoot('/srv/one'), dataRoot('/srv/two')];
    expect(new Set([first, second, dataRoot()]).size).toBe(3);
    expect(first.startsWith(isRoot ? '/var/lib/disburse/' : '/srv/one')).toBe(true);
  });
});
