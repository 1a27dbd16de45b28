/**
 * `npm start`: on a bare clone with Node and npm alone, installs and builds what is missing, starts an embedded PostgreSQL and
 * the Stripe simulator, migrates, starts the program, lets a demonstration run and stays up until Ctrl-C.
 * DATABASE_URL, REDIS_URL and STRIPE_SECRET_KEY put the real parts in their places; NODE_ENV=production
 * embeds nothing.
 */
import { createInterface } from 'node:readline';
import { join, resolve } from 'node:path';
import installer from './lib/install.cjs';
import installation from './lib/installation.cjs';
import places from './lib/places.cjs';
import processes from './lib/processes.cjs';
import programs from './lib/programs.cjs';
import switches from './lib/switches.cjs';

const READY_WITHIN_MS = 30_000;
const STOP_WITHIN_MS = 20_000;
const PORT_DEFAULT = 3000;

/**
 * Short, so that a demonstration of minutes meets what otherwise takes half a day. What is set already wins.
 */
const DEMONSTRATION_SETTINGS = {
  SETTLEMENT_EXPAND_EVERY_MS: '2000',
  TRANSFER_SWEEP_EVERY_MS: '1000',
  TRANSFER_CALL_DEADLINE_MS: '1000',
  TRANSFER_LEASE_MS: '17000',
  TRANSFER_SAFE_WINDOW_MS: '10000',
  TRANSFER_QUARANTINE_MS: '2000',
  TRANSFER_PACE_PER_SECOND: '25',
  // This one process has the whole pace: nobody shares it unless there is a Redis.
  WORKERS_MAX: '1',
  FUNDING_POLL_EVERY_MS: '5000',
  LOG_LEVEL: 'warn',
};

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

/** In the reverse order of their start: nobody loses what he stands on before he has finished. */
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
    child.once('exit', () => failed(new Error('it ended before it said anything')));
  });
}

/**
 * The port of the last start, if nobody has taken it: the provider knows our address for its events by it.
 */
async function choosePort(kept) {
  const { PORT: wanted } = process.env;
  const port = wanted ? Number(wanted) : kept ? Number(new URL(kept.base_url).port) : PORT_DEFAULT;
  const taken = await fetch(`http://127.0.0.1:${port}/`).then(
    () => true,
    () => false,
  );
  if (taken && wanted)
    throw new Error(`Somebody answers on port ${port} already: set PORT to another one, or leave it out.`);
  return taken ? processes.freePort() : port;
}

async function startProgram(env, port) {
  const child = start('The program', ['dist/main.js'], { ...env, PORT: String(port) });
  child.stdout.pipe(process.stdout);
  const url = `http://127.0.0.1:${port}`;
  const ready = () =>
    fetch(`${url}/health/ready`).then(
      (answer) => answer.ok,
      () => false,
    );
  await processes.until(
    async () => stopping || (await ready()),
    READY_WITHIN_MS,
    () => `The program was not ready after ${READY_WITHIN_MS / 1000} seconds.`,
  );
  return url;
}

/** The tenant and the key of the first start, as long as the database still knows them. */
async function caller(baseUrl, kept, env) {
  if (kept && kept.api_key) {
    const answer = await fetch(`${baseUrl}/api/v1/api-keys/self`, { headers: { 'X-API-Key': kept.api_key } });
    if (answer.ok) return { tenant_id: kept.tenant_id, api_key: kept.api_key };
  }
  const tenant = JSON.parse(await installation.command('tenant-create', ['--name', 'Demonstration'], env));
  const key = JSON.parse(
    await installation.command(
      'api-key-create',
      ['--tenant', tenant.id, '--scopes', '*', '--name', 'demonstration'],
      env,
    ),
  );
  return { tenant_id: tenant.id, api_key: key.secret };
}

async function connectRealStripe(baseUrl, apiKey, secretKey) {
  const answer = await fetch(`${baseUrl}/api/v1/connections/stripe`, {
    method: 'PUT',
    headers: { 'X-API-Key': apiKey, 'Content-Type': 'application/json' },
    body: JSON.stringify({ secret_key: secretKey }),
  });
  if (!answer.ok) throw new Error(`Stripe did not take STRIPE_SECRET_KEY: ${await answer.text()}`);
}

function demonstrate(file) {
  const child = programs.spawnProgram(['dist/demonstration/main.js', file], { stdout: 'inherit' });
  return new Promise((done) => child.once('exit', (code) => done(code ?? 1)));
}

async function production() {
  const child = start('The program', ['dist/main.js'], {});
  child.stdout.pipe(process.stdout);
}

async function main() {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => void stop(0));
  switches.takeSwitches(join(places.PROJECT, '.env'), process.env);
  installer.ensureInstalled();
  installer.ensureBuilt();
  if (process.env.NODE_ENV === 'production') return production();

  const dataDir = resolve(places.PROJECT, process.env.DATA_DIR || '.disburse');
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

  const given = process.env.STRIPE_SECRET_KEY;
  const simulated = !given || given.startsWith('sk_test_sim_');
  const secretKey = given || installation.simulatorKey(dataDir);
  const simulatorUrl = simulated ? await startSimulator(dataDir) : null;
  if (simulatorUrl)
    Object.assign(env, {
      ...DEMONSTRATION_SETTINGS,
      ...chosen(DEMONSTRATION_SETTINGS),
      STRIPE_API_BASE: simulatorUrl,
    });

  const file = join(dataDir, 'demo.json');
  const kept = installation.readJson(file);
  const baseUrl = await startProgram(env, await choosePort(kept));
  const who = await caller(baseUrl, kept, env);
  installation.writeJson(file, {
    base_url: baseUrl,
    ...who,
    simulator_url: simulatorUrl,
    stripe_secret_key: secretKey,
  });
  if (!simulated) await connectRealStripe(baseUrl, who.api_key, secretKey);

  say(
    `\nAPI         ${baseUrl}/api/v1\nSwagger UI  ${baseUrl}/docs\nSimulator   ${simulatorUrl ?? 'not running: STRIPE_SECRET_KEY is a key of Stripe itself'}\nKey         in ${file}\n`,
  );
  const code = simulated ? await demonstrate(file) : 0;
  if (code !== 0) return stop(code);
  say(
    `\nReady. Try:\n  curl -s -H "X-API-Key: ${who.api_key}" ${baseUrl}/api/v1/payout-jobs\nCtrl-C stops everything.`,
  );
}

/** What to delete in order to begin anew: for root, the database is outside the data folder. */
function foldersOf(dataDir) {
  return [...new Set([dataDir, places.dataRoot(dataDir)])].join(' and ');
}

/** Of these settings, those that the environment sets itself. */
function chosen(settings) {
  return Object.fromEntries(
    Object.keys(settings)
      .filter((key) => process.env[key])
      .map((key) => [key, process.env[key]]),
  );
}

try {
  await main();
} catch (error) {
  // Of a start that is being stopped already, the reason stands above.
  if (!stopping) process.stderr.write(`${error.message}\n`);
  await stop(1);
}
