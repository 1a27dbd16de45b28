'use strict';

const { spawn } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const {
  assertEnterable,
  binariesRoot,
  dataRoot,
  isRoot,
  makeFolder,
  serverAccount,
} = require('./places.cjs');
const { postgresBinaries } = require('./postgres-binaries.cjs');
const {
  SHUTDOWN_MS,
  SUPERUSER,
  childOptions,
  claim,
  ensureData,
  explain,
  filesOf,
  release,
  stopLeftover,
} = require('./postgres-data.cjs');
const { LOOPBACK, ended, freePort, killAtExit, until } = require('./processes.cjs');

const STARTUP_MS = 60_000;
const STARTS_MAX = 5;
const SIGNALS = { smart: 'SIGTERM', fast: 'SIGINT', immediate: 'SIGQUIT' };
const LOG_BYTES_MAX = 5_000_000;

/**
 * A real PostgreSQL, from the npm package, that this process owns. It listens on the loopback address only
 * and has no socket file. `name` is a folder under the data root (places.cjs) unless `dataDir` says where;
 * `settings` are server settings.
 *
 * @throws Error with what to do, when the platform, the disk or the permissions prevent it or the data are in
 *   use.
 */
async function startEmbeddedPostgres({
  name = 'postgres',
  dataDir: wanted = path.join(dataRoot(), name),
  port,
  settings = {},
} = {}) {
  const account = serverAccount();
  const binaries = postgresBinaries(binariesRoot());
  const parent = fs.realpathSync(makeFolder(path.dirname(wanted)));
  const dataDir = path.join(parent, path.basename(wanted));
  assertEnterable(parent, account);
  claim(dataDir);
  try {
    const password = ensureData({ binaries, dataDir, account, durable: settings.fsync !== 'off' });
    await stopLeftover(dataDir);
    const server = new EmbeddedPostgres({ binaries, dataDir, account, password, settings });
    await server.start(port);
    return server;
  } catch (error) {
    release(dataDir);
    throw error;
  }
}

class EmbeddedPostgres {
  #options;
  #child;
  #forget = () => {};

  constructor(options) {
    this.#options = options;
  }

  get pid() {
    return this.#child.pid;
  }

  get dataDir() {
    return this.#options.dataDir;
  }

  /** The superuser's connection URL of the database `postgres`. */
  get adminUrl() {
    return `postgres://${SUPERUSER}:${this.#options.password}@${LOOPBACK}:${this.port}/postgres`;
  }

  /** Starts the server, on `port` or on any free one. */
  async start(port) {
    for (let tries = 1; ; tries += 1) {
      this.port = port ?? (await freePort());
      const failure = await this.#startOnce();
      if (!failure) return;
      // Another process may bind the port after it was found free.
      const lostPort = !port && /Address already in use/.test(failure);
      if (!lostPort || tries === STARTS_MAX) throw new Error(this.#describe(failure));
    }
  }

  /**
   * Stops the server: `fast` ends sessions and writes a checkpoint, `immediate` leaves recovery to the next
   * start.
   */
  async stop(mode = 'fast') {
    this.#child.kill(SIGNALS[mode]);
    const hurry = setTimeout(() => this.#child.kill('SIGQUIT'), SHUTDOWN_MS);
    await ended(this.#child);
    clearTimeout(hurry);
    this.#forget();
    release(this.dataDir);
  }

  /**
   * Kills the postmaster the way a crash does, and waits until its sessions noticed. The data stay claimed
   * for `restart`.
   */
  async kill9() {
    this.#child.kill('SIGKILL');
    await ended(this.#child);
    this.#forget();
    await stopLeftover(this.dataDir);
  }

  /** Starts again on the same port and data, after `kill9` or while running. */
  async restart() {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      this.#child.kill(SIGNALS.fast);
      await ended(this.#child);
      this.#forget();
    }
    await this.start(this.port);
  }

  /** Resolves with undefined when the server is ready, or with its output when it ended. */
  async #startOnce() {
    const { binaries, dataDir, account } = this.#options;
    const log = this.#openLog();
    const logStart = fs.fstatSync(log).size;
    // A session of its own: Ctrl-C must reach our process first, which stops the server at its end.
    this.#child = spawn(path.join(binaries, 'bin/postgres'), this.#arguments(), {
      ...childOptions(account),
      detached: true,
      stdio: ['ignore', log, log],
    });
    fs.closeSync(log);
    const child = this.#child;
    let spawnError = '';
    child.once('error', (error) => (spawnError = error.message));
    this.#forget = killAtExit(child, SIGNALS.fast);
    const gone = () => spawnError !== '' || child.exitCode !== null || child.signalCode !== null;
    await until(
      () => gone() || this.#isReady(),
      STARTUP_MS,
      () => `PostgreSQL on ${dataDir} is not ready after ${STARTUP_MS / 1000} s.`,
    );
    if (!gone()) return undefined;
    this.#forget();
    return (
      spawnError ||
      fs.readFileSync(filesOf(dataDir).log).subarray(logStart).toString('utf8') ||
      'it ended without any output'
    );
  }

  /** As pg_ctl does it: a connection to the port alone could reach another server that bound it first. */
  #isReady() {
    try {
      const lines = fs.readFileSync(path.join(this.dataDir, 'postmaster.pid'), 'utf8').split('\n');
      return Number(lines[0]) === this.pid && lines[7]?.trim() === 'ready';
    } catch {
      return false;
    }
  }

  #arguments() {
    const fixed = {
      listen_addresses: LOOPBACK,
      unix_socket_directories: '',
      timezone: 'UTC',
      log_timezone: 'UTC',
    };
    const settings = Object.entries({ ...fixed, ...this.#options.settings }).flatMap(([name, value]) => [
      '-c',
      `${name}=${value}`,
    ]);
    return ['-D', this.dataDir, '-p', String(this.port), ...settings];
  }

  #openLog() {
    const { log } = filesOf(this.dataDir);
    const tooLong = fs.existsSync(log) && fs.statSync(log).size > LOG_BYTES_MAX;
    return fs.openSync(log, tooLong ? 'w' : 'a', 0o600);
  }

  #describe(failure) {
    const account = isRoot() ? ` as the user ${this.#options.account.name}` : '';
    return `PostgreSQL does not start on ${this.dataDir}${account}, port ${this.port}: ${explain(failure)}`;
  }
}

module.exports = { startEmbeddedPostgres };
