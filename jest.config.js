'use strict';

/**
 * One Jest project per kind of test. The globs are the definition of a kind: scripts/test.mjs reads them to
 * count, so a new kind is added here and in scripts/lib/kinds.cjs only.
 *
 * NestJS 12 and a few of its helpers are published as ES modules only. Production loads them through
 * require(esm); Jest on Node 20 has its own module loader that cannot, so exactly these are compiled to
 * CommonJS like our sources. Compiling all of node_modules instead was rejected: it triples the cold start.
 */
const { KINDS } = require('./scripts/lib/kinds.cjs');

const ES_MODULES_ONLY = [
  '@nestjs',
  '@borewit/text-codec',
  '@fastify/cookie',
  '@tokenizer/inflate',
  'content-disposition',
  'cookie',
  'file-type',
  'jose',
  'strtok3',
  'token-types',
  'uint8array-extras',
  'uuid',
];

const shared = {
  rootDir: __dirname,
  testEnvironment: '<rootDir>/scripts/jest/leak-checking-environment.cjs',
  setupFiles: ['reflect-metadata'],
  transform: { '^.+\\.(?:[cm]?js|ts)$': '@swc/jest' },
  transformIgnorePatterns: [`/node_modules/(?!(?:${ES_MODULES_ONLY.join('|')})/)`],
  moduleFileExtensions: ['ts', 'js', 'cjs', 'mjs', 'json', 'node'],
  modulePathIgnorePatterns: ['<rootDir>/dist', '<rootDir>/\\.disburse'],
  restoreMocks: true,
};

module.exports = {
  maxWorkers: 2,
  // With a limit Jest never runs tests in its main process, whose own timers and children would hide what a
  // test leaves open.
  workerIdleMemoryLimit: '1GB',
  projects: KINDS.map(({ kind, tests, serial, timeoutMs }) => ({
    ...shared,
    displayName: kind,
    testMatch: [`<rootDir>/${tests}`],
    ...(serial ? { runner: '<rootDir>/scripts/jest/serial-runner.cjs' } : {}),
    testEnvironmentOptions: { timeoutMs },
  })),
};
