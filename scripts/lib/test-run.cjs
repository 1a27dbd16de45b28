'use strict';

const fs = require('node:fs');
const path = require('node:path');
const { startEmbeddedPostgres } = require('./embedded-postgres.cjs');
const { dataRoot, makeFolder } = require('./places.cjs');
const { startPrivateRedis, stopLeftoverRedis } = require('./private-redis.cjs');
const { stopLeftover } = require('./postgres-data.cjs');
const { killGroup, livingOwner, writeOwner } = require('./processes.cjs');

const PREFIX = 'test-';

/**
 * Suites kill processes, not the machine: what a killed process had committed is in the memory of PostgreSQL or
 * the kernel, so fsync proves nothing here and would take most of the time. Synchronous commit stays on: without
 * it a killed server loses commits that it had confirmed.
 */
const TEST_SETTINGS = {
  fsync: 'off',
  full_page_writes: 'off',
  synchronous_commit: 'on',
  max_connections: 200,
  max_wal_size: '2GB',
};

/** The folder and the servers of one run of the tests; all of it is gone after `stop`. */
class TestRun {
  #servers = [];

  constructor() {
    this.folder = fs.realpathSync(makeFolder(path.join(dataRoot(), `${PREFIX}${process.pid}`)));
    fs.rmSync(path.join(this.folder, 'owner'), { force: true });
    writeOwner(path.join(this.folder, 'owner'));
  }

  /** Starts what `needs` names, concurrently, and returns the environment variables with their addresses. */
  async start(needs) {
    const env = { TEST_RUN_DIR: this.folder };
    const starting = [];
    if (needs.has('postgres')) {
      starting.push(
        startEmbeddedPostgres({ dataDir: path.join(this.folder, 'postgres'), settings: TEST_SETTINGS }).then(
          (server) => {
            this.#servers.push(server);
            env.TEST_PG_ADMIN_URL = server.adminUrl;
          },
        ),
      );
    }
    if (needs.has('redis')) {
      starting.push(
        startPrivateRedis({ folder: path.join(this.folder, 'redis') }).then((server) => {
          this.#servers.push(server);
          env.TEST_REDIS_URL = server.url;
        }),
      );
    }
    const outcomes = await Promise.allSettled(starting);
    const failed = outcomes.find((outcome) => outcome.status === 'rejected');
    if (failed) throw failed.reason;
    return env;
  }

  /** Records Jest's process, so that the next run ends it if this one is killed with -9. */
  watch(pid) {
    writeOwner(path.join(this.folder, 'jest'), pid);
  }

  async stop() {
    await Promise.all(this.#servers.splice(0).map((server) => server.stop()));
    await endServersIn(this.folder);
    fs.rmSync(this.folder, { recursive: true, force: true });
    removeIfEmpty(dataRoot());
  }
}

function removeIfEmpty(folder) {
  if (fs.readdirSync(folder).length === 0) fs.rmdirSync(folder);
}

/** Removes what runs leave that were killed with -9: Jest and the servers first, then the folder. */
async function removeDeadRuns() {
  if (!fs.existsSync(dataRoot())) return;
  const root = fs.realpathSync(dataRoot());
  for (const name of fs.readdirSync(root)) {
    const folder = path.join(root, name);
    if (!name.startsWith(PREFIX) || livingOwner(path.join(folder, 'owner'))) continue;
    const jest = livingOwner(path.join(folder, 'jest'));
    if (jest) killGroup(jest);
    await endServersIn(folder);
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

async function endServersIn(folder) {
  for (const entry of fs.readdirSync(folder, { withFileTypes: true })) {
    if (!entry.isDirectory()) continue;
    await stopLeftover(path.join(folder, entry.name));
    await stopLeftoverRedis(path.join(folder, entry.name));
  }
}

module.exports = { TestRun, removeDeadRuns };
