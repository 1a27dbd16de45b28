import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { startEmbeddedPostgres } from '../../scripts/lib/embedded-postgres.cjs';
import install from '../../scripts/lib/install.cjs';
import installation from '../../scripts/lib/installation.cjs';
import places from '../../scripts/lib/places.cjs';
import { cpuSecondsOf, Program } from './process.mjs';

const require = createRequire(import.meta.url);
const TEMPLATE = 'disburse_bench_template';
const SEED = new URL('../seed.sql', import.meta.url);

/**
 * Durability is the server's default, and is printed. Only sizes are set, so that no checkpoint falls into only
 * one half of a pair.
 */
const SERVER = { shared_buffers: '1GB', max_wal_size: '8GB', checkpoint_timeout: '1h', max_connections: 100 };
const COUNTING = {
  shared_preload_libraries: 'pg_stat_statements',
  'pg_stat_statements.track': 'all',
  'pg_stat_statements.track_planning': 'on',
};
const PRINTED = [
  'server_version',
  'fsync',
  'synchronous_commit',
  'full_page_writes',
  'wal_sync_method',
  'shared_buffers',
  'max_wal_size',
  'autovacuum',
];

/**
 * The infrastructure of the measures: one server of our own, a migrated template, processes that end with ours.
 */
export class Stage {
  /** With `profile`, the server counts what each statement costs, and the folder gets what was found. */
  static async open({ profile } = {}) {
    install.ensureInstalled();
    install.ensureBuilt();
    const server = await startEmbeddedPostgres({
      name: 'bench',
      settings: { ...SERVER, ...(profile ? COUNTING : {}) },
    });
    const stage = new Stage(server);
    stage.profile = profile;
    await stage.#makeTemplate();
    return stage;
  }

  constructor(server) {
    this.server = server;
    this.folder = mkdtempSync(join(tmpdir(), 'disburse-bench-'));
    this.running = [];
    this.databases = 0;
  }

  async settings() {
    return this.#asAdmin('postgres', async (admin) => {
      const { rows } = await admin.query(
        'SELECT name, current_setting(name) AS value FROM pg_settings WHERE name = ANY($1)',
        [PRINTED],
      );
      return Object.fromEntries(PRINTED.map((name) => [name, rows.find((row) => row.name === name)?.value]));
    });
  }

  /** A fresh copy of the migrated template. `admin` is the superuser, for seeds and for reading results. */
  async database() {
    const name = `disburse_bench_${(this.databases += 1)}`;
    await this.#asAdmin('postgres', async (admin) => {
      await admin.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
      await admin.query(`CREATE DATABASE ${name} TEMPLATE ${TEMPLATE}`);
    });
    const { handOver } = require(join(places.PROJECT, 'dist/platform/database'));
    await this.#asAdmin(name, handOver);
    const urls = Object.fromEntries(Object.entries(this.urls).map(([role, url]) => [role, at(url, name)]));
    const admin = new pg.Pool({ connectionString: at(this.server.adminUrl, name), max: 2 });
    admin.on('error', () => undefined);
    return { name, urls, admin };
  }

  async dropDatabase({ name, admin }) {
    await admin.end();
    await this.#asAdmin('postgres', (server) => server.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`));
  }

  /** So that neither side pays for what the other wrote. */
  checkpoint() {
    return this.#asAdmin('postgres', (admin) => admin.query('CHECKPOINT'));
  }

  async simulator(delayMs = 0) {
    const args = [
      'dist/simulator/main.js',
      '--port',
      '0',
      '--log-max',
      '1000',
      '--delay-ms',
      String(delayMs),
    ];
    const program = this.start({ name: `simulator-${this.running.length}`, args, env: {} });
    const { simulator_url: url } = await program.said((line) => 'simulator_url' in line);
    return { url, program };
  }

  /** The built program in these roles, with the settings of production unless `env` differs. */
  async program(roles, database, keys, settings = {}) {
    const { nodeArgs = [], ...env } = settings;
    const program = this.start({
      name: `${roles.replaceAll(',', '-')}-${this.running.length}`,
      args: [...nodeArgs, 'dist/main.js'],
      env: {
        NODE_ENV: 'test',
        PORT: '0',
        ROLES: roles,
        LOG_LEVEL: 'info',
        DATA_DIR: join(this.folder, 'data'),
        DATABASE_URL: database.urls.app,
        DATABASE_SYSTEM_URL: database.urls.system,
        ...keys,
        ...env,
      },
    });
    const { port } = await program.said((line) => line.event === 'program.ready');
    program.url = `http://127.0.0.1:${port}`;
    return program;
  }

  start({ name, args, env }) {
    const program = new Program({ name, folder: this.folder, args, env });
    this.running.push(program);
    return program;
  }

  /** Seconds of processor time that the server and its sessions have used. */
  serverCpuSeconds() {
    const children = readFileSync(`/proc/${this.server.pid}/task/${this.server.pid}/children`, 'utf8')
      .trim()
      .split(' ');
    return (
      cpuSecondsOf(this.server.pid, { withEnded: true }) +
      children.reduce((sum, pid) => sum + cpuSecondsOf(pid), 0)
    );
  }

  async close() {
    for (const program of this.running.reverse()) await program.stop();
    await this.server.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  async #makeTemplate() {
    await this.#asAdmin('postgres', async (admin) => {
      const { rows } = await admin.query(
        `SELECT datname FROM pg_database WHERE datname LIKE 'disburse\\_bench\\_%'`,
      );
      for (const { datname } of rows) await admin.query(`DROP DATABASE ${datname} WITH (FORCE)`);
    });
    await installation.command('db-create', [this.server.adminUrl, TEMPLATE], {});
    const lines = (await installation.command('db-provision', [at(this.server.adminUrl, TEMPLATE)], {}))
      .trim()
      .split('\n');
    const given = Object.fromEntries(
      lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
    );
    this.urls = {
      app: given.DATABASE_URL,
      system: given.DATABASE_SYSTEM_URL,
      owner: given.DATABASE_OWNER_URL,
    };
    await installation.command('db-migrate', [], given);
    await this.#asAdmin(TEMPLATE, async (admin) => {
      await admin.query(readFileSync(SEED, 'utf8'));
      if (this.profile) await admin.query('CREATE EXTENSION pg_stat_statements');
    });
  }

  async #asAdmin(database, work) {
    const admin = new pg.Client({ connectionString: at(this.server.adminUrl, database) });
    await admin.connect();
    try {
      return await work(admin);
    } finally {
      await admin.end();
    }
  }
}

/** Secrets of one run: processes that share a database share them. */
export function freshKeys() {
  return {
    ENCRYPTION_KEYS: `k1:${randomBytes(32).toString('base64')}`,
    CURSOR_SECRET: randomBytes(32).toString('base64'),
    TOKEN_KEYS: `k1:${randomBytes(32).toString('base64')}`,
  };
}

function at(url, database) {
  const other = new URL(url);
  other.pathname = `/${database}`;
  return other.toString();
}
