'use strict';

/**
 * The kinds of test: where their files are, and what they need. The files of a `serial` kind run one at a time:
 * its tests start and kill processes of their own, and would disturb each other's measurements on two cores.
 */
const KINDS = [
  { kind: 'unit', tests: 'src/**/*.spec.ts', folder: 'src', needs: [] },
  {
    kind: 'architecture',
    tests: 'test/architecture/**/*.spec.ts',
    folder: 'test/architecture',
    needs: [],
    timeoutMs: 30_000,
  },
  {
    kind: 'simulator',
    tests: 'test/simulator/**/*.spec.ts',
    folder: 'test/simulator',
    needs: ['build'],
    timeoutMs: 30_000,
  },
  {
    kind: 'bootstrap',
    tests: 'test/bootstrap/**/*.spec.ts',
    folder: 'test/bootstrap',
    needs: ['postgres', 'redis'],
    timeoutMs: 60_000,
  },
  {
    kind: 'integration',
    tests: 'test/integration/**/*.int-spec.ts',
    folder: 'test/integration',
    needs: ['postgres', 'redis', 'build'],
    timeoutMs: 30_000,
  },
  {
    kind: 'e2e',
    tests: 'test/e2e/**/*.e2e-spec.ts',
    folder: 'test/e2e',
    needs: ['postgres', 'redis', 'build'],
    timeoutMs: 30_000,
  },
  {
    kind: 'storm',
    tests: 'test/storm/**/*.storm-spec.ts',
    folder: 'test/storm',
    needs: ['postgres', 'redis', 'build'],
    serial: true,
    timeoutMs: 120_000,
  },
];

module.exports = { KINDS };
