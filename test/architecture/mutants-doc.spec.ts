import { readFileSync } from 'node:fs';
import { PAGE, render } from '../../scripts/mutants-doc.cjs';

describe('docs/mutants.md', () => {
  it('says what stands above the patches ("npm run docs:mutants" writes it)', () => {
    expect(readFileSync(PAGE, 'utf8')).toBe(render());
  });
});
