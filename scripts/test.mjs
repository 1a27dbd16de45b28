/**
 * `npm test`: on a bare clone with Node and npm alone, installs what is missing, builds, starts a PostgreSQL and
 * a Redis of its own, runs Jest and ends with the line `N passed, N failed`. Arguments are passed to Jest:
 *
 *   npm test -- --selectProjects unit integration -t 'a settlement'
 *   npm test -- test/integration/ledger
 */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import install from './lib/install.cjs';
import kindsModule from './lib/kinds.cjs';
import places from './lib/places.cjs';
import processes from './lib/processes.cjs';
import report from './lib/test-report.cjs';
import testRun from './lib/test-run.cjs';

const { KINDS } = kindsModule;

/** Jest writes its results and then ends; when it does not, something that a test opened keeps it alive. */
const EXIT_GRACE_MS = 15_000;

/** What a shell reports for a program ended by Ctrl-C. */
const INTERRUPTED = 130;

const args = process.argv.slice(2);
let interrupted = false;
let jestPid;

/** Ctrl-C ends Jest with its workers and all they started; then `main` stops the servers. */
function interrupt() {
  interrupted = true;
  if (jestPid) processes.killGroup(jestPid);
}

function selectedKinds() {
  const start = args.indexOf('--selectProjects');
  if (start < 0) return KINDS;
  const rest = args.slice(start + 1);
  const end = rest.findIndex((arg) => arg.startsWith('-'));
  const names = end < 0 ? rest : rest.slice(0, end);
  return KINDS.filter(({ kind }) => names.includes(kind));
}

async function runJest(env, run) {
  const output = join(run.folder, 'results.json');
  const jest = join(places.PROJECT, 'node_modules/jest/bin/jest.js');
  const child = spawn(process.execPath, [jest, '--json', `--outputFile=${output}`, ...args], {
    cwd: places.PROJECT,
    env: { ...process.env, NODE_ENV: 'test', ...env },
    stdio: ['ignore', 'inherit', 'inherit'],
    // A group of its own, so that it can be ended as a whole.
    detached: true,
  });
  jestPid = child.pid;
  run.watch(child.pid);
  const hung = await endOrHang(child, output);
  if (!existsSync(output)) return { results: undefined, hung, code: child.exitCode ?? 1 };
  return { results: JSON.parse(readFileSync(output, 'utf8')), hung, code: child.exitCode ?? 1 };
}

async function endOrHang(child, output) {
  const gone = () => child.exitCode !== null || child.signalCode !== null;
  await processes.until(
    () => gone() || existsSync(output),
    Infinity,
    () => '',
  );
  try {
    await processes.until(gone, EXIT_GRACE_MS, () => 'hung');
    return false;
  } catch {
    processes.killGroup(child.pid);
    await processes.ended(child);
    return true;
  }
}

/** Prints the outcome and returns the exit code. */
function conclude({ results, hung, code }) {
  if (!results) {
    process.stdout.write(`\nJest ended without results (exit code ${code}).\n0 passed, 1 failed\n`);
    return 1;
  }
  const kinds = report.summarise(results);
  const complaints = [];
  if (hung) complaints.push('Jest did not end after its last test: a test left something open.');
  if (args.length === 0)
    complaints.push(...report.silentKinds(kinds).map((kind) => `No test of the kind ${kind} ran.`));
  if (report.total(kinds, 'passed') + report.total(kinds, 'failed') === 0) complaints.push('No test ran.');
  if (code !== 0 && report.total(kinds, 'failed') === 0 && complaints.length === 0)
    complaints.push(`Jest ended with exit code ${code}.`);
  process.stdout.write(
    ['', report.table(kinds), '', ...complaints, report.closingLine(kinds, complaints.length), ''].join('\n'),
  );
  return complaints.length === 0 && report.total(kinds, 'failed') === 0 ? 0 : 1;
}

async function main() {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, interrupt);
  install.ensureInstalled();
  await testRun.removeDeadRuns();
  const needs = new Set(selectedKinds().flatMap((kind) => kind.needs));
  if (needs.has('build')) install.ensureBuilt();
  const run = new testRun.TestRun();
  let outcome;
  try {
    const env = await run.start(needs);
    if (!interrupted) outcome = await runJest(env, run);
  } finally {
    await run.stop();
  }
  return interrupted ? INTERRUPTED : conclude(outcome);
}

try {
  process.exitCode = await main();
} catch (error) {
  process.stdout.write(`\n${error.message}\n0 passed, 1 failed\n`);
  process.exitCode = 1;
}
