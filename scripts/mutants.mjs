/**
 * `npm run mutants`: applies each entry of the register (mutants/*.cjs) to a copy of the project, one at a time,
 * and runs the test it names, which must turn red. Fails when an entry does not match exactly once, when its
 * test stays green, or when there is no such test. `--only` takes one entry and may be repeated:
 *
 *   npm run mutants -- --only key-per-attempt --only one-empty-look-up
 */
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import install from './lib/install.cjs';
import kindsModule from './lib/kinds.cjs';
import register from './lib/mutants.cjs';
import places from './lib/places.cjs';
import testRun from './lib/test-run.cjs';

const { PROJECT } = places;
const NOT_COPIED = new Set(['node_modules', 'dist', '.git', '.disburse']);
const JEST_MS = 180_000;

function selectMutants() {
  const { values } = parseArgs({ options: { only: { type: 'string', multiple: true, default: [] } } });
  const all = register.readMutants();
  const names = all.map(({ name }) => name);
  const unknown = values.only.filter((name) => !names.includes(name));
  if (unknown.length > 0)
    throw new Error(`There is no mutant ${unknown.join(', ')}. There are: ${names.join(', ')}.`);
  return all.filter(({ name }) => values.only.length === 0 || values.only.includes(name));
}

function copyProject() {
  const copy = mkdtempSync(join(tmpdir(), 'disburse-mutants-'));
  for (const entry of readdirSync(PROJECT)) {
    if (!NOT_COPIED.has(entry)) cpSync(join(PROJECT, entry), join(copy, entry), { recursive: true });
  }
  symlinkSync(join(PROJECT, 'node_modules'), join(copy, 'node_modules'));
  return copy;
}

/** Returns Jest's result of every matching test of these files; undefined when a file cannot be loaded. */
function runJest(copy, env, files, title) {
  const output = join(copy, 'results.json');
  rmSync(output, { force: true });
  const only = title ? ['--testNamePattern', title.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')] : [];
  const args = [
    join(copy, 'node_modules/jest/bin/jest.js'),
    '--json',
    `--outputFile=${output}`,
    ...only,
    '--runTestsByPath',
    ...files,
  ];
  spawnSync(process.execPath, args, {
    cwd: copy,
    env: { ...process.env, NODE_ENV: 'test', ...env },
    stdio: 'ignore',
    timeout: JEST_MS,
    killSignal: 'SIGKILL',
  });
  if (!existsSync(output)) return undefined;
  return JSON.parse(readFileSync(output, 'utf8')).testResults.flatMap(
    ({ assertionResults }) => assertionResults,
  );
}

const named = (results, title) =>
  results.filter(({ fullName, status }) => fullName.endsWith(title) && status !== 'pending');

/**
 * Returns what is wrong before any mutant is applied: a named test that is missing or red would prove
 * nothing.
 */
function baseline(copy, env, mutants) {
  const results = runJest(copy, env, [...new Set(mutants.map(({ test }) => test))]) ?? [];
  const problems = mutants.flatMap(({ test, title }) => {
    const found = named(results, title);
    if (found.length === 0) return [`${test} has no test "${title}"`];
    return found.some(({ status }) => status === 'failed')
      ? [`${test}: "${title}" is red without any mutant`]
      : [];
  });
  return [...new Set(problems)];
}

function verdict(copy, env, mutant) {
  const file = join(copy, mutant.file);
  const original = readFileSync(file, 'utf8');
  writeFileSync(file, register.applyMutant(original, mutant));
  try {
    const results = runJest(copy, env, [mutant.test], mutant.title);
    if (results === undefined) return 'no result';
    const found = named(results, mutant.title);
    if (found.length === 0) return 'no such test';
    return found.some(({ status }) => status === 'failed') ? 'red' : 'STAYED GREEN';
  } finally {
    writeFileSync(file, original);
  }
}

/** Returns one line per entry that does not match its file exactly once. */
function mismatches(mutants) {
  return mutants.flatMap((mutant) => {
    try {
      register.applyMutant(readFileSync(join(PROJECT, mutant.file), 'utf8'), mutant);
      return [];
    } catch (error) {
      return [error.message];
    }
  });
}

function needsOf(mutants) {
  const kindOf = (test) => kindsModule.KINDS.find(({ folder }) => test.startsWith(`${folder}/`));
  return new Set(mutants.flatMap(({ test }) => kindOf(test)?.needs ?? []).filter((need) => need !== 'build'));
}

function printTable(rows) {
  const widths = [0, 1].map((column) => Math.max(...rows.map((row) => row[column].length)));
  const lines = rows.map(
    ([name, result, what]) => `${name.padEnd(widths[0])}  ${result.padEnd(widths[1])}  ${what}`,
  );
  process.stdout.write(`\n${lines.join('\n')}\n`);
}

async function main() {
  install.ensureInstalled();
  await testRun.removeDeadRuns();
  const mutants = selectMutants();
  const unmatched = mismatches(mutants);
  if (unmatched.length > 0) throw new Error(unmatched.join('\n'));
  const copy = copyProject();
  const run = new testRun.TestRun();
  try {
    const env = await run.start(needsOf(mutants));
    const problems = baseline(copy, env, mutants);
    if (problems.length > 0) throw new Error(problems.join('\n'));
    const rows = [];
    for (const mutant of mutants) {
      const result = verdict(copy, env, mutant);
      process.stdout.write(`${mutant.name}: ${result}\n`);
      rows.push([mutant.name, result, mutant.what]);
    }
    printTable(rows);
    const missed = rows.filter(([, result]) => result !== 'red').length;
    process.stdout.write(`\n${rows.length - missed} of ${rows.length} mutants turned their test red\n`);
    return missed === 0 ? 0 : 1;
  } finally {
    await run.stop();
    rmSync(copy, { recursive: true, force: true });
  }
}

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
