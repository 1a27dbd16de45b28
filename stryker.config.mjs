import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** `npm run mutants:domain`: StrykerJS on pure domain code and its unit tests (docs/adr/0034). */
export default {
  mutate: [
    'src/kernel/money/*.ts',
    'src/modules/**/domain/**/*.ts',
    '!src/**/*.spec.ts',
    '!src/**/errors.ts',
    '!src/**/common-passwords.ts',
  ],
  testRunner: 'jest',
  jest: { projectType: 'custom', configFile: 'scripts/jest/domain.config.cjs', enableFindRelatedTests: true },
  coverageAnalysis: 'perTest',
  // Code that runs at import needs a new process per mutant: a third of the mutants would take nearly all the time.
  ignoreStatic: true,
  concurrency: 2,
  timeoutMS: 20_000,
  reporters: ['clear-text'],
  clearTextReporter: { allowColor: false, reportTests: false },
  // Outside the project: Jest ignores what stands below .disburse.
  tempDirName: join(tmpdir(), 'disburse-stryker'),
  ignorePatterns: ['dist', 'docs', 'bench', '.disburse'],
  allowEmpty: false,
};
