'use strict';

const { execFile } = require('node:child_process');
const { randomBytes } = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');
const { promisify } = require('node:util');
const { startEmbeddedPostgres } = require('./embedded-postgres.cjs');
const { PROJECT, dataRoot } = require('./places.cjs');

const run = promisify(execFile);
const DATABASE = 'disburse';

/** Runs one of our own commands to its end and returns what it printed. */
async function command(name, args, env) {
  const given = { cwd: PROJECT, env: { ...process.env, ...env } };
  const program = path.join(PROJECT, 'dist/cli', `${name}.js`);
  const { stdout } = await run(process.execPath, [program, ...args], given).catch((error) => {
    // Not its message, which puts the whole command line first.
    throw new Error(error.stderr?.trim() || error.message, { cause: error });
  });
  return stdout;
}

function readJson(file) {
  try {
    return JSON.parse(fs.readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

/** Only its owner may read it: it holds passwords or keys. */
function writeJson(file, value) {
  fs.mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
  const fresh = `${file}.${process.pid}`;
  fs.writeFileSync(fresh, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600 });
  fs.renameSync(fresh, file);
}

async function provision(adminUrl) {
  const lines = (await command('db-provision', [adminUrl], {})).trim().split('\n');
  const urls = Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  );
  return { app: urls.DATABASE_URL, system: urls.DATABASE_SYSTEM_URL, owner: urls.DATABASE_OWNER_URL };
}

/** The address of a database, without the password. */
function nameOf(url) {
  const { hostname, port, pathname } = new URL(url);
  return `${hostname}:${port || 5432}${pathname}`;
}

/** The three URLs of a given database: from the environment, or provisioned with the given one. */
async function givenDatabase(dataDir) {
  const { DATABASE_URL: app, DATABASE_SYSTEM_URL: system, DATABASE_OWNER_URL: owner } = process.env;
  if (system) return { app, system, owner };
  const file = path.join(dataDir, 'database.json');
  const stored = readJson(file);
  // Provisioning again would change passwords that other processes of this installation use.
  if (stored && nameOf(stored.app) === nameOf(app)) return stored;
  const urls = await provision(app);
  writeJson(file, urls);
  return urls;
}

async function embeddedDatabase(dataDir) {
  const server = await startEmbeddedPostgres({ dataDir: path.join(dataRoot(dataDir), 'postgres') });
  const adminUrl = new URL(server.adminUrl);
  await command('db-create', [server.adminUrl, DATABASE], {});
  adminUrl.pathname = `/${DATABASE}`;
  const urls = await provision(adminUrl.toString());
  writeJson(path.join(dataDir, 'database.json'), urls);
  return { server, urls };
}

/** A stable key of the demonstration's platform: the simulator stores its balances under it. */
function simulatorKey(dataDir) {
  const file = path.join(dataDir, 'simulator-key.json');
  const stored = readJson(file);
  if (stored) return stored.stripe_secret_key;
  const made = `sk_test_sim_${randomBytes(16).toString('hex')}`;
  writeJson(file, { stripe_secret_key: made });
  return made;
}

module.exports = { command, embeddedDatabase, givenDatabase, readJson, simulatorKey, writeJson };
