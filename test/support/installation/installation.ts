import { randomBytes, randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Pool } from 'pg';
import { SimulatorClient } from '../../../src/simulator/control-client';
import { cloneDatabase, dropDatabase, type TestDatabase } from '../database';
import { type OwnRedis, startOwnRedis, testRunFolder } from '../servers';
import { groupBy } from './group-by';
import { Program } from './program';

export type Role = 'api' | 'scheduler' | 'worker';
export type Settings = Readonly<Record<string, string | number>>;

/** The rule for leases (2 × deadline + 15 s) holds here too: this is the shortest that a process accepts. */
export const DEADLINE_MS = 1_000;
export const LEASE_MS = 2 * DEADLINE_MS + 15_000;
export const SWEEP_MS = 500;

/** Short times, so that what takes minutes in production takes seconds. */
const QUICK: Settings = {
  NODE_ENV: 'test',
  HOST: '127.0.0.1',
  PORT: 0,
  LOG_LEVEL: 'info',
  DATABASE_POOL_MAX: 5,
  SETTLEMENT_EXPAND_EVERY_MS: 300,
  TRANSFER_CALL_DEADLINE_MS: DEADLINE_MS,
  TRANSFER_LEASE_MS: LEASE_MS,
  TRANSFER_SWEEP_EVERY_MS: SWEEP_MS,
  TRANSFER_QUARANTINE_MS: 1_000,
  TRANSFER_PACE_PER_SECOND: 2_000,
  TRANSFER_CONCURRENCY: 10,
  TRANSFER_BATCH: 20,
  FUNDING_POLL_EVERY_MS: 1_000,
  OUTBOX_POLL_MS: 100,
};

export interface InstallationOptions {
  /** A Redis of its own; without it each process wakes only itself. */
  readonly redis?: boolean;
  readonly settings?: Settings;
}

export interface ProgramSettings {
  readonly failpoints?: string;
  readonly settings?: Settings;
}

/**
 * A whole Disburse: database, Redis, the simulator in a process of its own, and as many processes of the
 * program as are started.
 */
export class Installation {
  readonly programs: Program[] = [];
  readonly admin: Pool;
  private started = 0;

  private constructor(
    readonly urls: TestDatabase['urls'],
    readonly redis: OwnRedis | null,
    readonly simulator: Program,
    readonly stripe: SimulatorClient,
    private readonly folder: string,
    private readonly settings: Settings,
  ) {
    this.admin = new Pool({ connectionString: urls.admin, max: 4 });
    // Suites cut connections; the pool opens new ones.
    this.admin.on('error', () => undefined);
  }

  static async start({ redis, settings = {} }: InstallationOptions = {}): Promise<Installation> {
    const folder = join(testRunFolder(), `installation-${randomUUID()}`);
    mkdirSync(folder);
    const [urls, server] = await Promise.all([cloneDatabase(), redis ? startOwnRedis() : null]);
    const simulator = new Program({
      name: 'simulator',
      entry: 'simulator/main.js',
      args: ['--port', '0'],
      folder,
    });
    const { simulator_url: url } = await simulator.said((line) => 'simulator_url' in line);
    const own = {
      DATABASE_URL: urls.app,
      DATABASE_SYSTEM_URL: urls.system,
      DATA_DIR: join(folder, 'data'),
      STRIPE_API_BASE: String(url),
      ENCRYPTION_KEYS: `k1:${randomBytes(32).toString('base64')}`,
      CURSOR_SECRET: randomBytes(32).toString('base64'),
      TOKEN_KEYS: `t:${randomBytes(32).toString('base64')}`,
      ...(server ? { REDIS_URL: server.url } : {}),
    };
    return new Installation(urls, server, simulator, new SimulatorClient(String(url)), folder, {
      ...QUICK,
      ...own,
      ...settings,
    });
  }

  /** Starts a process that plays these roles and waits until it says that it is ready. */
  async program(roles: Role | readonly Role[], options: ProgramSettings = {}): Promise<Program> {
    const program = this.launch(roles, options);
    await program.said(isReady);
    return program;
  }

  /** Starts it and does not wait. */
  launch(roles: Role | readonly Role[], { failpoints = '', settings = {} }: ProgramSettings = {}): Program {
    const named = [roles].flat().join(',');
    const name = `${++this.started}-${named.replaceAll(',', '-')}`;
    const env = Object.fromEntries(
      Object.entries({ ...this.settings, ...settings, ROLES: named, FAILPOINTS: failpoints }).map(
        ([key, value]) => [key, String(value)],
      ),
    );
    const program = new Program({ name, entry: 'main.js', env, folder: this.folder });
    this.programs.push(program);
    return program;
  }

  /** Rows as the superuser reads them, without row-level security and without the program's code. */
  async rows<Row>(text: string, values: unknown[] = []): Promise<Row[]> {
    return (await this.admin.query(text, values)).rows as Row[];
  }

  /** Runs a part of a test and, when it fails, prints the warnings of the processes. */
  async explaining<T>(part: () => Promise<T>): Promise<T> {
    try {
      return await part();
    } catch (error) {
      process.stderr.write(troublesOf(this.programs));
      throw error;
    }
  }

  async close(): Promise<void> {
    await Promise.all(
      [...this.programs, this.simulator]
        .filter(({ isRunning }) => isRunning)
        .map((program) => program.kill9()),
    );
    await this.admin.end();
    await this.redis?.stop();
    await dropDatabase(this.urls);
  }
}

export function isReady(line: Readonly<Record<string, unknown>>): boolean {
  return line['event'] === 'program.ready';
}

/** Where a process that is ready listens. */
export function urlOf(program: Program): string {
  const { host, port } = program.lines().find(isReady) ?? {};
  return `http://${String(host)}:${String(port)}`;
}

const TEXT_MAX = 700;

/** Each kind of warning once, with its number and its last text. */
function troublesOf(programs: readonly Program[]): string {
  const lines = programs
    .flatMap((program) => program.lines().map((line) => ({ program, line })))
    .filter(({ line: { level } }) => level === 'warn' || level === 'error');
  const kinds = groupBy(lines, ({ line }) => `${String(line['event'])} ${String(line['reason'] ?? '')}`);
  return [...kinds]
    .map(
      ([kind, all]) =>
        `— ${all.length} × ${kind}, the last by ${all.at(-1)?.program.options.name}: ` +
        `${JSON.stringify(all.at(-1)?.line).slice(0, TEXT_MAX)}\n`,
    )
    .join('');
}
