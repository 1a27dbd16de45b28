import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { applyMutant, type Mutant, readMutants } from '../../scripts/lib/mutants.cjs';
import { PAGE, render } from '../../scripts/mutants-doc.cjs';

const PROJECT = join(__dirname, '../..');
const read = (file: string) => readFileSync(join(PROJECT, file), 'utf8');
const entry = (find: string, replace: string) =>
  ({ name: 'an-entry', file: 'some.ts', find, replace }) as Mutant;

describe('the register of mutants', () => {
  it.each(readMutants().map((mutant) => [mutant.name, mutant] as const))(
    '%s matches its file exactly once',
    (_, mutant) => {
      const original = read(mutant.file);
      expect(applyMutant(original, mutant)).not.toBe(original);
    },
  );

  it('names test files that exist', () => {
    expect(readMutants().filter(({ test }) => !existsSync(join(PROJECT, test)))).toEqual([]);
  });

  it('is what docs/mutants.md shows ("npm run docs:mutants" writes it)', () => {
    expect(readFileSync(PAGE, 'utf8')).toBe(render());
  });
});

describe('an entry', () => {
  it('applies whatever the formatter does to white space, line breaks and trailing commas', () => {
    const text = 'before();\nawait post(\n  tx,\n  { amount: 1 },\n);\nafter();';
    expect(applyMutant(text, entry('await post(tx, { amount: 1 });', ''))).toBe('before();\n\nafter();');
  });

  it('does not match a part of a word', () => {
    expect(() => applyMutant('lockAll(); relock();', entry('lock', 'x'))).toThrow('0 times');
  });

  it('is rejected when it matches more than once, or not at all', () => {
    expect(() => applyMutant('a(); a();', entry('a();', 'b();'))).toThrow(
      'an-entry: "find" matches some.ts 2 times',
    );
    expect(() => applyMutant('a();', entry('c();', 'b();'))).toThrow(
      'an-entry: "find" matches some.ts 0 times',
    );
  });

  it('keeps a dollar sign of its replacement', () => {
    expect(applyMutant('q(1)', entry('q(1)', 'q($1, $&)'))).toBe('q($1, $&)');
  });
});
