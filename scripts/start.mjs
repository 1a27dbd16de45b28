/**
 * `npm start`: on a bare clone with Node and npm alone, installs and builds what is missing, starts an embedded
 * PostgreSQL and the Stripe simulator, migrates, starts the program, runs a demonstration and stays up until
 * Ctrl-C. DATABASE_URL, REDIS_URL and STRIPE_SECRET_KEY replace the embedded parts; NODE_ENV=production embeds
 * nothing.
 */
import { createInterface } from 'node:readline';
import { join, resolve } from 'node:path';
import {
  caller,
  choosePort,
  connectRealStripe,
  demonstrationSettings,
  foldersOf,
} from './lib/demonstration.mjs';
import installer from './lib/install.cjs';
import installation from './lib/installation.cjs';
import places from './lib/places.cjs';
import processes from './lib/processes.cjs';
import programs from './lib/programs.cjs';
import switches from './lib/switches.cjs';

const READY_WITHIN_MS = 30_000;
const STOP_WITHIN_MS = 20_000;

const children = [];
let database;
let stopping = false;

function say(line) {
  process.stdout.write(`${line}\n`);
}

function start(name, args, env) {
  const child = programs.spawnProgram(args, { env });
  child.once('exit', (code, signal) => {
    if (stopping) return;
    process.stderr.write(`${name} ended by itself (${signal ?? code}); stopping.\n`);
    void stop(1);
  });
  children.push(child);
  return child;
}

/** In the reverse order of their start, so that no program loses a server that it still uses. */
async function stop(code) {
  if (stopping) return;
  stopping = true;
  if (code === 0) say('\nStopping …');
  for (const child of children.reverse()) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill('SIGTERM');
    const ended = processes.until(
      () => child.exitCode !== null || child.signalCode !== null,
      STOP_WITHIN_MS,
      () => 'not in time',
    );
    await ended.catch(() => child.kill('SIGKILL'));
  }
  await database?.stop();
  process.exit(code);
}

async function startSimulator(dataDir) {
  const port = await processes.freePort();
  const child = start(
    'The simulator',
    ['dist/simulator/main.js', '--port', String(port), '--data', join(dataDir, 'simulator.journal')],
    {},
  );
  const [line] = await firstLine(child);
  return JSON.parse(line).simulator_url;
}

function firstLine(child) {
  const lines = createInterface({ input: child.stdout });
  return new Promise((done, failed) => {
    lines.once('line', (line) => done([line]));
    child.once('exit', () => failed(new Error('it ended without any output')));
  });
}

async function startProgram(env, port) {
  const child = start('The program', ['dist/main.js'], { ...env, PORT: String(port) });
  child.stdout.pipe(process.stdout);
  const url = `http://127.0.0.1:${port}`;
  const ready = () =>
    fetch(`${url}/health/ready`).then(
      (response) => response.ok,
      () => false,
    );
  await processes.until(
    async () => stopping || (await ready()),
    READY_WITHIN_MS,
    () => `The program was not ready after ${READY_WITHIN_MS / 1000} seconds.`,
  );
  return url;
}

function demonstrate(file) {
  const child = programs.spawnProgram(['dist/demonstration/main.js', file], { stdout: 'inherit' });
  return new Promise((done) => child.once('exit', (code) => done(code ?? 1)));
}

async function production() {
  const child = start('The program', ['dist/main.js'], {});
  child.stdout.pipe(process.stdout);
}

/** The database and its three URLs: the given one, or an embedded one, migrated. */
async function prepareDatabase(dataDir) {
  if (!process.env.DATABASE_URL) say(`Starting PostgreSQL in ${places.dataRoot(dataDir)} …`);
  const embedded = process.env.DATABASE_URL ? undefined : await installation.embeddedDatabase(dataDir);
  database = embedded?.server;
  const urls = embedded?.urls ?? (await installation.givenDatabase(dataDir));
  const env = {
    DATA_DIR: dataDir,
    DATABASE_URL: urls.app,
    DATABASE_SYSTEM_URL: urls.system,
    DATABASE_OWNER_URL: urls.owner ?? '',
  };
  say('Starting the program …');
  if (urls.owner)
    await installation.command('db-migrate', embedded ? ['--data', foldersOf(dataDir)] : [], env);
  return env;
}

async function main() {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => void stop(0));
  switches.takeSwitches(join(places.PROJECT, '.env'), process.env);
  installer.ensureInstalled();
  installer.ensureBuilt();
  if (process.env.NODE_ENV === 'production') return production();

  const dataDir = resolve(places.PROJECT, process.env.DATA_DIR || '.disburse');
  const env = await prepareDatabase(dataDir);
  const given = process.env.STRIPE_SECRET_KEY;
  const simulated = !given || given.startsWith('sk_test_sim_');
  const secretKey = given || installation.simulatorKey(dataDir);
  const simulatorUrl = simulated ? await startSimulator(dataDir) : null;
  if (simulatorUrl) Object.assign(env, { ...demonstrationSettings(), STRIPE_API_BASE: simulatorUrl });

  const file = join(dataDir, 'demo.json');
  const last = installation.readJson(file);
  const baseUrl = await startProgram(env, await choosePort(last));
  const who = await caller(baseUrl, last, env);
  installation.writeJson(file, {
    base_url: baseUrl,
    ...who,
    simulator_url: simulatorUrl,
    stripe_secret_key: secretKey,
  });
  if (!simulated) await connectRealStripe(baseUrl, who.api_key, secretKey);

  say(`\nAPI         ${baseUrl}/api/v1\nSwagger UI  ${baseUrl}/docs`);
  say(`Simulator   ${simulatorUrl ?? 'not running: STRIPE_SECRET_KEY is a key of Stripe itself'}`);
  say(`Key         in ${file}\n`);
  const code = simulated ? await demonstrate(file) : 0;
  if (code !== 0) return stop(code);
  say(`\nReady. Try:\n  curl -s -H "X-API-Key: ${who.api_key}" ${baseUrl}/api/v1/payout-jobs`);
  say('Ctrl-C stops everything.');
}

try {
  await main();
} catch (error) {
  // When the start is being stopped already, the reason has been printed.
  if (!stopping) process.stderr.write(`${error.message}\n`);
  await stop(1);
}
