import { createHash, randomBytes } from 'node:crypto';
import { Client } from 'pg';
import { DataSource, type EntityTarget, type ObjectLiteral } from 'typeorm';
import { newId, tenantIdOf, type TenantId } from '../../src/kernel/ids';
import type { UnitOfWork } from '../../src/kernel/tx';
import { modules } from '../../src/module-list';
import {
  APP,
  dataSourceOptions,
  handOver,
  migrate,
  OWNER,
  provision,
  SYSTEM,
  PostgresUnitOfWork,
  type PoolLimits,
} from '../../src/platform/database';

/**
 * The logins are the server's, not a database's: one set of passwords serves every clone of a private test
 * server.
 */
const PASSWORDS = { [OWNER]: 'disburse-test', [APP]: 'disburse-test', [SYSTEM]: 'disburse-test' };
const TEMPLATE_LOCK = `hashtext('disburse.test.template')`;

export interface TestDatabase {
  readonly uow: UnitOfWork;
  readonly app: DataSource;
  readonly system: DataSource;
  readonly urls: { admin: string; app: string; system: string; owner: string };
  newTenant(): TenantId;
  /** Cuts one connection, as a fail-over or an operator would. */
  terminate(backendPid: number): Promise<void>;
  /** Closes every connection and drops the clone. */
  close(): Promise<void>;
}

export interface TestDatabaseOptions {
  readonly rows?: EntityTarget<ObjectLiteral>[];
  readonly limits?: Partial<PoolLimits>;
}

/** A fresh clone of a migrated template, opened with the same three logins as in production. */
export async function testDatabase(options: TestDatabaseOptions = {}): Promise<TestDatabase> {
  const urls = await cloneDatabase();
  const app = await new DataSource(
    dataSourceOptions(urls.app, 'app', (options.rows ?? []) as [], options.limits),
  ).initialize();
  const system = await new DataSource(
    dataSourceOptions(urls.system, 'system', [], { ...options.limits, poolMax: 4 }),
  ).initialize();
  const authentication = await new DataSource(
    dataSourceOptions(urls.system, 'door', [], { ...options.limits, poolMax: 4 }),
  ).initialize();
  return {
    uow: new PostgresUnitOfWork({ app, system, door: authentication }),
    app,
    system,
    urls,
    newTenant: () => tenantIdOf(newId()),
    terminate: (pid) =>
      asAdmin(
        'postgres',
        async (admin) => void (await admin.query('SELECT pg_terminate_backend($1, 5000)', [pid])),
      ),
    async close() {
      await app.destroy();
      await system.destroy();
      await authentication.destroy();
      await dropDatabase(urls);
    },
  };
}

/** A database with the three logins and no schema: for suites that create the schema themselves. */
export async function bareDatabase(): Promise<TestDatabase['urls']> {
  const name = `disburse_t_${process.pid}_${randomBytes(6).toString('hex')}`;
  await asAdmin('postgres', (admin) => admin.query(`CREATE DATABASE ${name}`));
  return { admin: serverUrl(name), ...(await provision(serverUrl(name), PASSWORDS)) };
}

/** For suites that open the database themselves (whole applications, other processes). */
export async function cloneDatabase(): Promise<TestDatabase['urls']> {
  const template = await ensureTemplate();
  const name = `disburse_t_${process.pid}_${randomBytes(6).toString('hex')}`;
  await asAdmin('postgres', (admin) => admin.query(`CREATE DATABASE ${name} TEMPLATE ${template}`));
  await asAdmin(name, handOver);
  const url = (role: keyof typeof PASSWORDS) => withLogin(serverUrl(name), role, PASSWORDS[role] as string);
  return { admin: serverUrl(name), app: url(APP), system: url(SYSTEM), owner: url(OWNER) };
}

export async function dropDatabase(urls: TestDatabase['urls']): Promise<void> {
  const name = new URL(urls.admin).pathname.slice(1);
  await asAdmin('postgres', (admin) => admin.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`));
}

let template: Promise<string> | undefined;

function ensureTemplate(): Promise<string> {
  template ??= asAdmin('postgres', makeTemplate);
  return template;
}

/**
 * Named by a hash of the migrations, so that a changed migration makes a new one; other workers wait for the
 * first.
 */
async function makeTemplate(admin: Client): Promise<string> {
  const shape = modules.migrations.flatMap((migration) => new migration().statements()).join(';\n');
  const name = `disburse_template_${createHash('sha256').update(shape).digest('hex').slice(0, 16)}`;
  await admin.query(`SELECT pg_advisory_lock(${TEMPLATE_LOCK})`);
  const { rowCount } = await admin.query('SELECT 1 FROM pg_database WHERE datname = $1', [name]);
  if (rowCount) return name;
  const draft = `${name}_draft`;
  await admin.query(`DROP DATABASE IF EXISTS ${draft} WITH (FORCE)`);
  await admin.query(`CREATE DATABASE ${draft}`);
  const urls = await provision(serverUrl(draft), PASSWORDS);
  await migrate(urls.owner, modules.migrations);
  await admin.query(`ALTER DATABASE ${draft} RENAME TO ${name}`);
  return name;
}

async function asAdmin<T>(database: string, work: (admin: Client) => Promise<T>): Promise<T> {
  const admin = new Client({ connectionString: serverUrl(database) });
  await admin.connect();
  try {
    return await work(admin);
  } finally {
    await admin.end();
  }
}

function serverUrl(database: string): string {
  const given = process.env['TEST_PG_ADMIN_URL'];
  if (!given)
    throw new Error(
      'TEST_PG_ADMIN_URL is not set: run the tests by "npm test", which starts a private PostgreSQL',
    );
  const url = new URL(given);
  url.pathname = `/${database}`;
  return url.toString();
}

function withLogin(base: string, role: string, password: string): string {
  const url = new URL(base);
  url.username = role;
  url.password = password;
  return url.toString();
}
