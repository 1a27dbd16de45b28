'use strict';

const { spawn } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { installRedis, redisVersion } = require('./install-redis.cjs');
const { dataRoot, makeFolder } = require('./places.cjs');
const {
  LOOPBACK,
  sendOnce,
  ended,
  freePort,
  isAlive,
  killAtExit,
  livingOwner,
  until,
  writeOwner,
} = require('./processes.cjs');

const STARTUP_MS = 20_000;
const STARTS_MAX = 5;

/**
 * Suites make a server hang by `DEBUG`; since version 7 a setting must allow it, which older versions reject.
 */
const DEBUG_SETTING_SINCE = 7;

/**
 * A redis-server of our own: loopback only, nothing on disk, and it rejects writes instead of evicting keys
 * when memory is short, because it holds a queue. `folder` is its working folder (a new one under the data
 * root unless given).
 *
 * @throws Error with what to do, when there is no redis-server and none can be installed.
 */
async function startPrivateRedis({ folder = path.join(dataRoot(), `redis-${process.pid}`) } = {}) {
  const version = redisVersion() ?? installRedis();
  makeFolder(folder);
  writeOwner(path.join(folder, 'owner'));
  const server = new PrivateRedis(folder, version);
  await server.start();
  return server;
}

class PrivateRedis {
  #child;
  #forget = () => {};

  constructor(folder, version) {
    this.folder = folder;
    this.version = version;
  }

  get pid() {
    return this.#child.pid;
  }

  get url() {
    return `redis://${LOOPBACK}:${this.port}`;
  }

  /** Starts the server; after `stop` or `kill` on the port it had before. */
  async start() {
    const free = this.port === undefined;
    for (let tries = 1; ; tries += 1) {
      if (free) this.port = await freePort();
      const failure = await this.#startOnce();
      if (!failure) return;
      if (!free || tries === STARTS_MAX)
        throw new Error(`redis-server does not start on port ${this.port}: ${failure}`);
    }
  }

  /** Stops the server cleanly and removes its folder; the port is reserved for `start`. */
  async stop() {
    await this.#end('SIGTERM');
    fs.rmSync(this.folder, { recursive: true, force: true });
  }

  /** Kills the server the way a crash does; its data are lost. */
  async kill() {
    await this.#end('SIGKILL');
  }

  async #end(signal) {
    this.#child.kill(signal);
    await ended(this.#child);
    this.#forget();
  }

  async #startOnce() {
    makeFolder(this.folder);
    const settings = [
      '--port',
      String(this.port),
      '--bind',
      LOOPBACK,
      '--dir',
      this.folder,
      '--daemonize',
      'no',
      '--save',
      '',
      '--appendonly',
      'no',
    ];
    settings.push('--maxmemory-policy', 'noeviction', '--pidfile', path.join(this.folder, 'redis.pid'));
    if (this.version >= DEBUG_SETTING_SINCE) settings.push('--enable-debug-command', 'local');
    // A session of its own, as for PostgreSQL: Ctrl-C is for our process, which stops the server last.
    const child = spawn('redis-server', settings, {
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      cwd: this.folder,
    });
    this.#child = child;
    this.#forget = killAtExit(child, 'SIGTERM');
    let output = '';
    const keep = (chunk) => (output = (output + chunk).slice(-2_000));
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    const gone = () => child.exitCode !== null || child.signalCode !== null;
    await until(
      async () => gone() || (await this.#isReady()),
      STARTUP_MS,
      () => `redis-server is not ready on port ${this.port}: ${output}`,
    );
    if (!gone()) return undefined;
    this.#forget();
    return output.trim() || 'it ended without any output';
  }

  /**
   * Reads the process id, so that another server that bound the port is not taken for ours.
   */
  async #isReady() {
    const reply = await sendOnce(this.port, 'INFO server\r\n');
    return reply?.includes(`process_id:${this.pid}\r\n`) ?? false;
  }
}

/** Ends a redis-server whose working folder is `folder` though the process that started it is gone. */
async function stopLeftoverRedis(folder) {
  if (livingOwner(path.join(folder, 'owner'))) return;
  let pid;
  try {
    pid = Number(fs.readFileSync(path.join(folder, 'redis.pid'), 'utf8'));
  } catch {
    return;
  }
  if (!isAlive(pid) || !isRedisIn(pid, folder)) return;
  process.kill(pid, 'SIGKILL');
  await until(
    () => !isAlive(pid),
    STARTUP_MS,
    () => `The redis-server left running in ${folder} (pid ${pid}) does not end.`,
  );
}

/** Redis rewrites its command line, but not the folder it works in. */
function isRedisIn(pid, folder) {
  try {
    return fs.readlinkSync(`/proc/${pid}/cwd`) === fs.realpathSync(folder);
  } catch {
    return false;
  }
}

module.exports = { startPrivateRedis, stopLeftoverRedis };
