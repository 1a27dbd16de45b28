import {
  type Counts,
  checkedFiles,
  countsOf,
  type Entry,
  occurrencesIn,
} from '../../scripts/lib/retired-words.cjs';
import LIST from './retired-words.cjs';
import BASELINE from './retired-words-baseline.json';
import { PROJECT } from './support/documents';

/** Occurrences above the baseline: what was retired must not come back. */
function aboveBaseline(counts: Counts, baseline: Counts): string[] {
  return Object.entries(counts).flatMap(([entry, folders]) =>
    Object.entries(folders)
      .filter(([folder, number]) => number > (baseline[entry]?.[folder] ?? 0))
      .map(
        ([folder, number]) => `${entry} in ${folder}: ${number}, at most ${baseline[entry]?.[folder] ?? 0}`,
      ),
  );
}

describe('the retired words', () => {
  const files = checkedFiles(PROJECT);

  it('are searched in code, SQL, tests and documents', () => {
    const paths = files.map(({ path }) => path);
    expect(paths).toEqual(
      expect.arrayContaining([
        'src/main.ts',
        'bench/seed.sql',
        'docs/adr/README.md',
        'README.md',
        '.env.example',
      ]),
    );
    expect(paths).not.toContain('package-lock.json');
  });

  it('occur no more often than the baseline allows ("node scripts/retired-words.cjs" lists them)', () => {
    expect(aboveBaseline(countsOf(files.flatMap((file) => occurrencesIn(file, LIST))), BASELINE)).toEqual([]);
  });

  it('each have a replacement, and each exception a reason', () => {
    expect(LIST.filter(({ say }) => say === '')).toEqual([]);
    expect(LIST.flatMap(({ except = [] }) => except).filter(({ why }) => why === '')).toEqual([]);
  });
});

describe('the search for retired words', () => {
  const search = (entry: Omit<Entry, 'say'>, text: string, path = 'src/sample.ts') =>
    occurrencesIn({ path, text }, [{ ...entry, say: '' }]).map(({ line, found }) => `${line} ${found}`);

  it('finds a word in names, comments, strings, templates and file names, and not within another word', () => {
    const text =
      "const isTold = told('a'); // untold, TOLD\n/* is told */ f(`${`told`} b`, /told/, 'retold');\nTOLD_MS;";
    expect(search({ words: ['told'] }, text, 'src/told-once.ts')).toEqual([
      '0 told',
      '1 Told',
      '1 told',
      '1 TOLD',
      '2 told',
      '2 told',
      '2 told',
      '3 TOLD',
    ]);
  });

  it('finds a word that is retired as a name only in names, SQL and compounds', () => {
    const text =
      "// what is known, not isKnown\nknown('is known', KNOWN_MS); `SELECT known FROM a -- known`;";
    expect(search({ words: ['known'], only: 'names' }, text)).toEqual([
      '1 Known',
      '2 known',
      '2 KNOWN',
      '2 known',
    ]);
  });

  it('finds a name in each way to write it, and one of a single word as a whole only', () => {
    const text = "import './kept-pages'; new KeptPages(keptPagesOf, KEPT_PAGES); // kept_pages, keptPage";
    expect(search({ names: ['KeptPages'] }, text)).toEqual([
      '1 kept-pages',
      '1 KeptPages',
      '1 keptPages',
      '1 KEPT_PAGES',
      '1 kept_pages',
    ]);
    expect(search({ names: ['Turn'] }, 'new Turn(turn, aTurn); // Turn')).toEqual(['1 Turn']);
  });

  it('finds a phrase over the end of a line of a comment or a document', () => {
    const entry = { phrase: 'goes out', match: /\bgoes out\b/i };
    expect(search(entry, '/**\n * It goes\n * out.\n */\n// It goes\n// out.')).toEqual([
      '2 goes out',
      '5 goes out',
    ]);
    expect(search(entry, 'It goes\nout.', 'docs/sample.md')).toEqual(['1 goes out']);
  });

  it('does not find what an exception allows, in its files only', () => {
    const entry = {
      words: ['ring'],
      except: [
        { text: /key[- ]ring/, why: 'a term' },
        { files: ['src/{a,b}/**'], why: 'a sample' },
      ],
    };
    expect(search(entry, '// the key-ring, the key\n// ring, a string')).toEqual(['2 ring']);
    expect(search(entry, '// a ring', 'src/b/c/d.ts')).toEqual([]);
    expect(search(entry, '// a ring', 'src/c/d.ts')).toEqual(['1 ring']);
  });
});

describe('the baseline', () => {
  it('rejects a count that rose, and a word that was not there before', () => {
    expect(aboveBaseline({ told: { src: 2, test: 1 } }, { told: { src: 1, test: 1 } })).toEqual([
      'told in src: 2, at most 1',
    ]);
    expect(aboveBaseline({ told: { docs: 1 } }, {})).toEqual(['told in docs: 1, at most 0']);
  });
});
