'use strict';

const { spawn, spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { dataRoot, isRoot, makeFolder } = require('./places.cjs');
const {
  LOOPBACK,
  askOnce,
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
const POLICY_FILE = '/usr/sbin/policy-rc.d';

/**
 * `DEBUG` is how suites make a server hang; since version 7 it must be allowed by a setting that older versions refuse.
 */
const DEBUG_SETTING_SINCE = 7;

/**
 * A redis-server of our own: loopback only, nothing on disk, and it refuses writes rather than forget keys
 * when memory is short, because a queue lives in it. `folder` is its working folder (a new one under the data
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

  /** Stops the server cleanly and removes its folder; the port is kept for `start`. */
  async stop() {
    await this.#end('SIGTERM');
    fs.rmSync(this.folder, { recursive: true, force: true });
  }

  /** Kills the server the way a crash does; all it held is gone. */
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
      async () => gone() || (await this.#answers()),
      STARTUP_MS,
      () => `redis-server does not answer on port ${this.port}: ${output}`,
    );
    if (!gone()) return undefined;
    this.#forget();
    return output.trim() || 'it ended without a word';
  }

  /**
   * Asks for the process id, so that the answer of another server that took the port is not taken for ours.
   */
  async #answers() {
    const answer = await askOnce(this.port, 'INFO server\r\n');
    return answer?.includes(`process_id:${this.pid}\r\n`) ?? false;
  }
}

/** The major version of the redis-server on PATH, or undefined when there is none. */
function redisVersion() {
  const { status, stdout } = spawnSync('redis-server', ['--version'], { encoding: 'utf8' });
  if (status !== 0) return undefined;
  return Number(/v=(\d+)/.exec(stdout)?.[1] ?? 0);
}

/**
 * Installs redis-server through apt, when we are root on a Debian-like machine, without starting a service:
 * for the time of the installation a policy-rc.d forbids exactly that one, and it is removed whatever
 * happens. A policy-rc.d that was there before is left as it is: the machine's owner has then decided about
 * services already.
 */
function installRedis() {
  const remedy = 'Install Redis 6 or newer, so that redis-server is on PATH.';
  const hasApt = spawnSync('apt-get', ['--version'], { stdio: 'ignore' }).status === 0;
  if (!isRoot() || !hasApt)
    throw new Error(`The tests need a redis-server, and there is none on PATH. ${remedy}`);
  process.stderr.write('No redis-server on PATH: installing it with apt-get.\n');
  const ours = !fs.existsSync(POLICY_FILE);
  if (ours)
    fs.writeFileSync(POLICY_FILE, '#!/bin/sh\n[ "$1" = redis-server ] && exit 101\nexit 0\n', {
      mode: 0o755,
    });
  try {
    apt(['update']);
    apt(['install', '-y', '--no-install-recommends', 'redis-server']);
  } finally {
    if (ours) fs.rmSync(POLICY_FILE, { force: true });
  }
  const version = redisVersion();
  if (version === undefined)
    throw new Error(`apt-get installed Redis, but redis-server is not on PATH. ${remedy}`);
  return version;
}

function apt(args) {
  const { status, stderr } = spawnSync('apt-get', ['-q', ...args], {
    encoding: 'utf8',
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  });
  if (status !== 0)
    throw new Error(
      `apt-get ${args[0]} failed, so there is no redis-server for the tests: ${stderr.trim().slice(-500)}`,
    );
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
