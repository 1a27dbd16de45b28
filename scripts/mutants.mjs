/**
 * `npm run mutants`: applies each patch of mutants/ to a copy of the project, alone, and runs the one test it names, which must
 * turn red. Fails when a patch no longer applies, when its test stays green, or when there is no such test. Arguments choose:
 *
 *   npm run mutants -- key-per-attempt one-empty-look-up
 */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import install from './lib/install.cjs';
import kindsModule from './lib/kinds.cjs';
import patches from './lib/mutant-patches.cjs';
import places from './lib/places.cjs';
import testRun from './lib/test-run.cjs';

const { PROJECT } = places;
const NOT_COPIED = new Set(['node_modules', 'dist', '.git', '.disburse']);
const JEST_MS = 180_000;

function chosen(wanted) {
  const all = patches.readMutants();
  const names = all.map(({ name }) => name);
  const unknown = wanted.filter((name) => !names.includes(name));
  if (unknown.length > 0) throw new Error(`There is no mutant ${unknown.join(', ')}. There are: ${names.join(', ')}.`);
  return all.filter(({ name }) => wanted.length === 0 || wanted.includes(name));
}

function copyProject() {
  const copy = mkdtempSync(join(tmpdir(), 'disburse-mutants-'));
  for (const entry of readdirSync(PROJECT)) {
    if (!NOT_COPIED.has(entry)) cpSync(join(PROJECT, entry), join(copy, entry), { recursive: true });
  }
  symlinkSync(join(PROJECT, 'node_modules'), join(copy, 'node_modules'));
  return copy;
}

/** Whether the patch went on, or off again, whole. Outside of a repository git only patches. */
function patch(copy, { file }, ...direction) {
  return spawnSync('git', ['apply', ...direction, file], { cwd: copy, env: { ...process.env, GIT_DIR: join(copy, 'no-repository') }, stdio: 'ignore' }).status === 0;
}

/** Every test of these files that fits, as Jest tells it; undefined when a file could not even be loaded. */
function runJest(copy, env, files, title) {
  const output = join(copy, 'results.json');
  rmSync(output, { force: true });
  const only = title ? ['--testNamePattern', title.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')] : [];
  const args = [join(copy, 'node_modules/jest/bin/jest.js'), '--json', `--outputFile=${output}`, ...only, '--runTestsByPath', ...files];
  spawnSync(process.execPath, args, { cwd: copy, env: { ...process.env, NODE_ENV: 'test', ...env }, stdio: 'ignore', timeout: JEST_MS, killSignal: 'SIGKILL' });
  if (!existsSync(output)) return undefined;
  return JSON.parse(readFileSync(output, 'utf8')).testResults.flatMap(({ assertionResults }) => assertionResults);
}

const named = (results, title) => results.filter(({ fullName, status }) => fullName.endsWith(title) && status !== 'pending');

/** Without a patch every named test must be there and green: a red one would prove nothing. */
function baseline(copy, env, mutants) {
  const results = runJest(copy, env, [...new Set(mutants.map(({ test }) => test))]) ?? [];
  const problems = mutants.flatMap(({ test, title }) => {
    const found = named(results, title);
    if (found.length === 0) return [`${test} has no test "${title}"`];
    return found.some(({ status }) => status === 'failed') ? [`${test}: "${title}" is red without any mutant`] : [];
  });
  return [...new Set(problems)];
}

function verdict(copy, env, mutant) {
  if (!patch(copy, mutant)) return 'does not apply';
  try {
    const results = runJest(copy, env, [mutant.test], mutant.title);
    if (results === undefined) return 'no result';
    const found = named(results, mutant.title);
    if (found.length === 0) return 'no such test';
    return found.some(({ status }) => status === 'failed') ? 'red' : 'STAYED GREEN';
  } finally {
    patch(copy, mutant, '--reverse');
  }
}

function needsOf(mutants) {
  const kindOf = (test) => kindsModule.KINDS.find(({ folder }) => test.startsWith(`${folder}/`));
  return new Set(mutants.flatMap(({ test }) => kindOf(test)?.needs ?? []).filter((need) => need !== 'build'));
}

function tell(rows) {
  const widths = [0, 1].map((column) => Math.max(...rows.map((row) => row[column].length)));
  process.stdout.write(`\n${rows.map(([name, result, what]) => `${name.padEnd(widths[0])}  ${result.padEnd(widths[1])}  ${what}`).join('\n')}\n`);
}

async function main() {
  install.ensureInstalled();
  await testRun.removeDeadRuns();
  const mutants = chosen(process.argv.slice(2));
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
    tell(rows);
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
