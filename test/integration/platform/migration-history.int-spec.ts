import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { modules } from '../../../src/module-list';
import { ForeignDatabase, migrate } from '../../../src/platform/database';
import { bareDatabase, cloneDatabase, dropDatabase, type TestDatabase } from '../../support';

const run = promisify(execFile);
const project = resolve(__dirname, '../../..');

// The program and its commands are processes of their own, which load the framework.
jest.setTimeout(60_000);

const AN_OLD_NAME = 'PlatformGround1763700000000';
const FOREIGN =
  /^The database was made by a development version \([^\n]*\) and cannot be upgraded\. To begin anew, [^\n]*\n$/;

describe('a database that other migrations made', () => {
  let urls: TestDatabase['urls'];
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'disburse-history-'));
  });
  afterEach(async () => {
    await dropDatabase(urls);
    await rm(folder, { recursive: true });
  });

  async function asOwner(...statements: string[]): Promise<void> {
    const owner = new Client({ connectionString: urls.owner });
    await owner.connect();
    for (const statement of statements) await owner.query(statement);
    await owner.end();
  }

  /** As the development versions of before 0.1.0 left it: TypeORM's record of migrations that are no more. */
  async function developmentDatabase(): Promise<void> {
    urls = await bareDatabase();
    await asOwner(
      'CREATE SCHEMA migrations',
      'CREATE TABLE migrations.migrations (id serial PRIMARY KEY, timestamp bigint NOT NULL, name varchar NOT NULL)',
      `INSERT INTO migrations.migrations (timestamp, name) VALUES (1763700000000, '${AN_OLD_NAME}')`,
    );
  }

  const failure = (entry: string, args: string[] = []) =>
    run(process.execPath, [join(project, 'dist', entry), ...args], {
      cwd: folder,
      timeout: 30_000,
      env: {
        PATH: process.env['PATH'],
        DATA_DIR: folder,
        PORT: '0',
        LOG_LEVEL: 'error',
        DATABASE_URL: urls.app,
        DATABASE_SYSTEM_URL: urls.system,
        DATABASE_OWNER_URL: urls.owner,
      },
    }).then(
      () => 'it did not fail',
      (error: unknown) => (error as { stderr: string }).stderr,
    );

  it('is not migrated: db:migrate says in one line that it cannot be upgraded and how to begin anew', async () => {
    await developmentDatabase();
    const stderr = await failure('cli/db-migrate.js');
    expect(stderr).toMatch(FOREIGN);
    expect(stderr).toContain(AN_OLD_NAME);
    expect(stderr).toContain('drop it, create an empty one');
  });

  it('is not migrated by npm start, which names the folders to delete', async () => {
    await developmentDatabase();
    const stderr = await failure('cli/db-migrate.js', ['--data', '/srv/.disburse']);
    expect(stderr).toMatch(FOREIGN);
    expect(stderr).toContain('stop the program, delete /srv/.disburse and start again');
  });

  it('is not served: the program says the same in one line when it starts', async () => {
    await developmentDatabase();
    expect(await failure('main.js')).toMatch(FOREIGN);
  });

  it('is not migrated when a migration was changed after it ran', async () => {
    urls = await cloneDatabase();
    await asOwner(`UPDATE migrations.checksums SET checksum = 'of before' WHERE name LIKE 'Ledger%'`);
    await expect(migrate(urls.owner, modules.migrations)).rejects.toThrow(ForeignDatabase);
    expect(await failure('main.js')).toMatch(FOREIGN);
  });

  it('is not migrated when a migration ran before its checksum was recorded', async () => {
    urls = await cloneDatabase();
    await asOwner(`DELETE FROM migrations.checksums WHERE name LIKE 'Ledger%'`);
    await expect(migrate(urls.owner, modules.migrations)).rejects.toThrow(
      /^The database was made by a development/,
    );
  });

  it('is served while only migrations of a newer version are added', async () => {
    urls = await cloneDatabase();
    await asOwner(
      `INSERT INTO migrations.migrations (timestamp, name) VALUES (9999999999999, 'OfTomorrow9999999999999')`,
      `INSERT INTO migrations.checksums (name, checksum) VALUES ('OfTomorrow9999999999999', 'of tomorrow')`,
    );
    expect(await migrate(urls.owner, modules.migrations)).toEqual([]);
  });

  it('is not served while a migration of this version has not run', async () => {
    urls = await bareDatabase();
    await migrate(urls.owner, modules.migrations.slice(0, -1));
    const missing = new RegExp(
      `^The database is not that of this version \\(${modules.migrations.at(-1)?.name} .*db:migrate`,
    );
    expect(await failure('main.js')).toMatch(missing);
    expect(await migrate(urls.owner, modules.migrations)).toEqual([modules.migrations.at(-1)?.name]);
  });
});
