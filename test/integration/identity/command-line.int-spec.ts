import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { tenantIdOf } from '../../../src/kernel/ids';
import { sql } from '../../../src/platform/database';
import { bareDatabase, dropDatabase } from '../../support';
import { testApp, type TestApp } from '../http/support/test-app';

const run = promisify(execFile);
const project = resolve(__dirname, '../../..');

// Each command is a Node of its own, which loads the framework.
jest.setTimeout(60_000);

let t: TestApp;
let count = 0;

beforeAll(async () => {
  t = await testApp();
});
afterAll(async () => t.close());

async function command(
  name: string,
  args: string[],
  env: Record<string, string>,
): Promise<Record<string, string>> {
  const { stdout } = await run(process.execPath, [join(project, 'dist/cli', `${name}.js`), ...args], {
    env: { PATH: process.env['PATH'], ...env },
    timeout: 20_000,
  });
  return JSON.parse(stdout) as Record<string, string>;
}

const failing = (name: string, args: string[], env: Record<string, string>) =>
  command(name, args, env).catch((error: unknown) => error as Record<string, string>);

describe('the command line', () => {
  it('creates a tenant and a key that opens the API', async () => {
    const env = { DATABASE_URL: t.db.urls.app };
    const tenant = await command('tenant-create', ['--name', 'Acme'], env);
    const key = await command(
      'api-key-create',
      ['--tenant', tenant['id'] as string, '--scopes', 'settlements:*, transfers:read'],
      env,
    );
    const self = await t.send(null, {
      url: '/api/v1/api-keys/self',
      headers: { 'x-api-key': key['secret'] },
    });
    expect(self.json()).toMatchObject({
      id: key['id'],
      tenant_id: tenant['id'],
      scopes: ['settlements:*', 'transfers:read'],
    });
    const trail = { text: 'SELECT actor_kind, actor_name, action FROM platform.audit_log', values: [] };
    const made = { actor_kind: 'system', actor_name: 'command line', action: 'tenant.created' };
    expect(
      await t.db.uow.run(tenantIdOf(tenant['id'] as string), (tx) => sql(tx).rows(trail)),
    ).toContainEqual(made);
  });

  it('finds the database that the last start left in DATA_DIR', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'disburse-cli-'));
    await writeFile(
      join(folder, 'database.json'),
      JSON.stringify({ app: t.db.urls.app, system: t.db.urls.system }),
    );
    expect(await command('tenant-create', ['--name', 'Acme'], { DATA_DIR: folder })).toMatchObject({
      status: 'active',
    });
    expect(
      await command('user-create', ['--email', 'runs@example.com', '--platform-admin'], { DATA_DIR: folder }),
    ).toMatchObject({ token: expect.stringMatching(/^di_/) });
    await rm(folder, { recursive: true });
  });

  it('creates the first user with a token to choose a password, and no password', async () => {
    const env = { DATABASE_URL: t.db.urls.app, DATABASE_SYSTEM_URL: t.db.urls.system };
    const { tenant } = await t.caller();
    const invite = [
      '--email',
      'ann@example.com',
      '--name',
      'Ann Lee',
      '--platform-admin',
      '--tenant',
      tenant,
      '--role',
      'tenant_admin',
    ];
    const made = await command('user-create', invite, env);
    expect(made).toEqual({
      user_id: expect.any(String),
      token: expect.stringMatching(/^di_/),
      expires_at: expect.any(String),
    });
    const password = 'seven green elephants sing';
    const accept = await t.send(null, {
      method: 'POST',
      url: '/api/v1/auth/accept-invitation',
      payload: { token: made['token'], password },
    });
    expect(accept.statusCode).toBe(204);
    const login = await t.send(null, {
      method: 'POST',
      url: '/api/v1/auth/login',
      payload: { email: 'ANN@example.com', password },
    });
    expect(login.json()).toMatchObject({
      id: made['user_id'],
      is_platform_admin: true,
      tenants: [{ tenant_id: tenant, role: 'tenant_admin' }],
    });
  });

  describe('the command that takes over an account and invites its user', () => {
    const env = () => ({ DATABASE_URL: t.db.urls.app, DATABASE_SYSTEM_URL: t.db.urls.system });
    const admin = async <Row extends object>(text: string, values: unknown[] = []): Promise<Row[]> => {
      const client = new Client({ connectionString: t.db.urls.admin });
      await client.connect();
      return client
        .query<Row>(text, values)
        .then(({ rows }) => rows)
        .finally(() => client.end());
    };
    const standing = (email: string) =>
      admin(
        `SELECT is_platform_admin, is_active,
           (SELECT count(*)::int FROM identity.one_time_tokens WHERE user_id = u.id) AS tokens
           FROM identity.users u WHERE email = $1`,
        [email],
      );

    /** A member of the tenant. */
    async function member(email: string, tenant: string): Promise<void> {
      const { token } = await command(
        'user-create',
        ['--email', email, '--tenant', tenant, '--role', 'analyst'],
        env(),
      );
      await t.send(null, {
        method: 'POST',
        url: '/api/v1/auth/accept-invitation',
        payload: { token, password: 'seven green elephants sing' },
      });
      await admin('DELETE FROM identity.one_time_tokens');
    }

    it.each([
      [
        'a tenant that does not exist',
        () => ['--tenant', '0198b0f2-7c1e-7b3a-9d55-000000000000', '--role', 'analyst'],
        /^This tenant does not exist/,
      ],
      [
        'a tenant without a valid id',
        () => ['--tenant', 'acme', '--role', 'analyst'],
        /^A tenant id is a UUID/,
      ],
      [
        'a role that does not exist',
        (tenant: string) => ['--tenant', tenant, '--role', 'owner'],
        /^The role owner does not exist/,
      ],
      [
        'a tenant that the user belongs to',
        (tenant: string) => ['--tenant', tenant, '--role', 'analyst'],
        /^This user is already a member of the tenant/,
      ],
    ])('does nothing when it names %s', async (_what, into, message) => {
      const [{ tenant }, email] = [await t.caller(), `member-${++count}@example.com`];
      await member(email, tenant);
      const failure = await failing(
        'user-create',
        ['--email', email, '--platform-admin', ...into(tenant)],
        env(),
      );
      expect(failure).toMatchObject({ code: 1, stdout: '', stderr: expect.stringMatching(message) });
      expect(await standing(email)).toEqual([{ is_platform_admin: false, is_active: true, tokens: 0 }]);
    });

    it('returns no token for a disabled user, since it would never work', async () => {
      const [{ tenant }, email] = [await t.caller(), `member-${++count}@example.com`];
      await member(email, tenant);
      await admin('UPDATE identity.users SET is_active = false WHERE email = $1', [email]);
      for (const more of [[], ['--platform-admin']]) {
        const failure = await failing('user-create', ['--email', email, ...more], env());
        expect(failure).toMatchObject({
          code: 1,
          stdout: '',
          stderr: expect.stringMatching(/^This user is disabled in the whole installation/),
        });
      }
      expect(await standing(email)).toEqual([{ is_platform_admin: false, is_active: false, tokens: 0 }]);
    });

    it('prints the token of the account that was taken over although the invitation then fails', async () => {
      const [{ tenant }, email] = [await t.caller(), `member-${++count}@example.com`];
      await admin(
        `CREATE FUNCTION public.refuse() RETURNS trigger LANGUAGE plpgsql
          AS $$ BEGIN RAISE EXCEPTION 'the disk is full'; END $$`,
      );
      await admin(
        'CREATE TRIGGER refused BEFORE INSERT ON identity.memberships FOR EACH ROW EXECUTE FUNCTION public.refuse()',
      );
      const failure = await failing(
        'user-create',
        ['--email', email, '--platform-admin', '--tenant', tenant, '--role', 'analyst'],
        env(),
      );
      await admin('DROP TRIGGER refused ON identity.memberships');
      expect(failure).toMatchObject({ code: 1, stderr: expect.stringContaining('the disk is full') });
      const { token } = JSON.parse(failure['stdout'] as string) as { token: string };
      const accept = await t.send(null, {
        method: 'POST',
        url: '/api/v1/auth/accept-invitation',
        payload: { token, password: 'seven green elephants sing' },
      });
      expect(accept.statusCode).toBe(204);
    });
  });

  it.each([
    [
      'user-create',
      ['--email', 'ann@example.com', '--role', 'analyst'],
      /^--tenant and --role belong together/,
    ],
    ['user-create', ['--email', 'ann'], /^This is not an e-mail address/],
    ['tenant-create', [], /missing --name[^]*usage:/],
    ['db-provision', [], /^usage:/],
    [
      'db-provision',
      ['postgres://no_such_login@127.0.0.1:1/none'],
      /^The database cannot be reached: connect ECONNREFUSED/,
    ],
    ['db-migrate', [], /^set DATABASE_OWNER_URL/],
    [
      'api-key-create',
      ['--tenant', '0198b0f2-7c1e-7b3a-9d55-2f6f0b1c4e10', '--scopes', 'money:*'],
      /scope money:\* does not exist/,
    ],
  ])('%s %j reports the error in one line, and fails', async (name, args, message) => {
    const failure = await failing(name, args, {
      DATABASE_URL: t.db.urls.app,
      DATABASE_SYSTEM_URL: t.db.urls.system,
    });
    expect(failure).toMatchObject({ code: 1, stderr: expect.stringMatching(message) });
    expect(failure['stderr']).not.toMatch(/\bat .*:\d/);
  });

  it('reports in one line, and at once, that the database does not have the login', async () => {
    const url = new URL(t.db.urls.app);
    url.username = 'no_such_login';
    for (const [name, args] of [
      ['tenant-create', ['--name', 'x']],
      ['db-migrate', []],
    ] as const) {
      const failure = await failing(name, [...args], {
        DATABASE_URL: url.href,
        DATABASE_OWNER_URL: url.href,
      });
      expect(failure).toMatchObject({
        code: 1,
        stderr: expect.stringMatching(/^The database does not let us in: .*no_such_login.*\n$/),
      });
    }
  });

  it('reports that the migrations are missing', async () => {
    const empty = await bareDatabase();
    try {
      const failure = await failing('tenant-create', ['--name', 'x'], { DATABASE_URL: empty.app });
      expect(failure).toMatchObject({
        code: 1,
        stderr: expect.stringMatching(
          /^The database is not that of this version .*run "npm run db:migrate".*\n$/,
        ),
      });
    } finally {
      await dropDatabase(empty);
    }
  });

  it('rejects a login that sees every tenant', async () => {
    const failure = await failing('tenant-create', ['--name', 'x'], { DATABASE_URL: t.db.urls.admin });
    expect(failure['stderr']).toContain('is a superuser');
  });
});

describe('the program', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'disburse-start-'));
  });
  afterAll(async () => rm(folder, { recursive: true }));

  it.each([
    [
      'a login that the database does not have',
      (url: URL) => (url.username = 'no_such_login'),
      /^The database does not let us in: .*no_such_login.*\n$/,
    ],
    [
      'a login that sees every tenant',
      (url: URL) => (url.href = t.db.urls.admin),
      /^the database login \S+ is a superuser.*\n$/,
    ],
  ])('ends at once with one line when it is given %s', async (_what, change, message) => {
    const url = new URL(t.db.urls.app);
    change(url);
    const failure = await failing('../main', [], {
      DATA_DIR: folder,
      PORT: '0',
      LOG_LEVEL: 'error',
      DATABASE_URL: url.href,
      DATABASE_SYSTEM_URL: t.db.urls.system,
    });
    expect(failure).toMatchObject({ code: 1, stdout: '', stderr: expect.stringMatching(message) });
  });
});
