import { randomBytes, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { testRunFolder } from '../../support/servers';
import { Installation, Program, TenantWorld, urlOf } from '../../support/installation';
import { SecretsOfADay } from './support/secrets-of-a-day';

/** Of the installation itself. */
const OWN = {
  ENCRYPTION_KEYS: `k1:${randomBytes(32).toString('base64')}`,
  TOKEN_KEYS: `t:${randomBytes(32).toString('base64')}`,
  CURSOR_SECRET: randomBytes(32).toString('base64'),
  METRICS_TOKEN: randomBytes(24).toString('base64'),
};

/** What is turned away at the door says little. */
const UNLIMITED = {
  AUTH_REQUESTS_PER_MINUTE: 1_000_000,
  AUTH_FAILURES_PER_MINUTE: 1_000_000,
  LOGIN_TRIES_MAX: 1_000,
};

/**
 * What the built program writes while it runs, at its most talkative. Jest cannot see what pino writes in its
 * own process, hence a process of the operating system, whose whole output is read.
 */
describe('the log of the program', () => {
  let installation: Installation;
  let program: Program;
  let day: SecretsOfADay;
  let log = '';
  let failed = '';

  beforeAll(async () => {
    installation = await Installation.start({
      redis: true,
      settings: { ...OWN, ...UNLIMITED, LOG_LEVEL: 'trace' },
    });
    program = await installation.program(['api', 'scheduler', 'worker']);
    const tenant = await TenantWorld.given(installation, urlOf(program));
    day = new SecretsOfADay(urlOf(program), { apiKey: tenant.api.apiKey, stripeKey: tenant.secretKey });
    Object.assign(day.secrets, {
      encryption: OWN.ENCRYPTION_KEYS.slice(3),
      signing: OWN.TOKEN_KEYS.slice(2),
      cursors: OWN.CURSOR_SECRET,
      metrics: OWN.METRICS_TOKEN,
      database: new URL(installation.urls.app).password,
    });
    await day.ofTenant();
    await day.ofPerson(await invited());
    for (const secret of Object.values(day.secrets)) await misplaced(secret);
    await whileNothingFits();
    await withoutDatabase();
    await program.stop();
    log = readFileSync(program.logFile, 'utf8');
    failed = await thatDoesNotStart();
  });
  afterAll(() => installation.close());

  /** The command shows the token to whoever calls it: that is its answer, and no log. */
  async function invited(): Promise<{ token: string; userId: string }> {
    const env = { DATABASE_URL: installation.urls.app, DATABASE_SYSTEM_URL: installation.urls.system };
    const command = new Program({
      name: `user-create-${randomUUID()}`,
      entry: 'cli/user-create.js',
      args: ['--email', 'ann@example.com', '--name', 'Ann'],
      env,
      folder: testRunFolder(),
    });
    await command.ended();
    const { user_id: userId, token } = command.lines().find((line) => 'token' in line) ?? {};
    return { userId: String(userId), token: String(token) };
  }

  /** Wherever somebody may put it by mistake. */
  async function misplaced(secret: string): Promise<void> {
    const inUrl = encodeURIComponent(secret);
    const headers: Record<string, string>[] = [
      { 'x-api-key': secret },
      { authorization: `Bearer ${secret}` },
      { authorization: `Basic ${Buffer.from(secret).toString('base64')}` },
      { cookie: `__Host-disburse_session=${secret}`, 'x-csrf-token': secret },
      {
        'user-agent': secret,
        referer: `https://example.com/?token=${inUrl}`,
        'x-tenant-id': secret,
        'x-forwarded-for': secret,
        origin: secret,
        'idempotency-key': secret,
      },
    ];
    // A request id is the caller's own word and is logged: what we give to callers is known by its shape.
    if (/^(?:d[a-z]|sk|whsec)_/.test(secret)) headers.push({ 'x-request-id': secret });
    for (const more of headers) await day.post('/auth/logout', {}, more);
    for (const path of [
      `/recipients?${inUrl}=1`,
      `/recipients?name=${inUrl}`,
      `/recipients/${inUrl}`,
      `/auth/${inUrl}`,
      `/webhooks/stripe/${inUrl}`,
    ])
      await day.byKey(path, {});
    await day.post('/auth/login', `{"email":"${secret}","password":"${secret}"`);
    await day.post('/auth/login', { email: secret, password: secret, [secret]: secret });
    await day.post('/auth/login', { email: 'ann@example.com', password: `${secret}.` });
    for (const field of ['token', 'refresh_token'])
      for (const way of ['accept-invitation', 'reset-password', 'refresh', 'revoke'])
        await day.post(`/auth/${way}`, { [field]: secret, password: secret });
    await day.byKey('/recipients', {
      type: 'INDIVIDUAL',
      name: 'Ann',
      country: 'US',
      account_number: secret,
      bank_code: secret,
      metadata: { [secret]: secret },
    });
    await day.byKey('/users', { email: secret, name: secret, role: secret });
    await day.byKey('/connections/stripe', { secret_key: secret });
    await day.byKey('/webhooks/stripe/0198b0f2-7c1e-7b3a-9d55-2f6f0b1c4e10', { secret });
    await raw(`GET /api/v1/${secret}\r\n\r\n`);
    await raw(`GET /api/v1/recipients HTTP/1.1\r\nx-api-key ${secret}\r\n\r\n`);
  }

  /** What is no HTTP any more. */
  function raw(text: string): Promise<void> {
    const { hostname, port } = new URL(urlOf(program));
    return new Promise((resolve) => {
      const socket = connect(Number(port), hostname, () => socket.end(text));
      socket
        .on('error', () => undefined)
        .on('close', () => resolve())
        .resume();
    });
  }

  /** Errors that nobody foresaw: PostgreSQL shows the row that it refuses. */
  async function whileNothingFits(): Promise<void> {
    const tables = [
      'identity.users',
      'identity.sessions',
      'identity.refresh_families',
      'identity.one_time_tokens',
      'identity.api_keys',
      'recipients.recipients',
      'connections.webhook_endpoints',
    ];
    for (const table of tables)
      await installation.rows(`ALTER TABLE ${table} ADD CONSTRAINT nothing_fits CHECK (false) NOT VALID`);
    try {
      await everyWay();
    } finally {
      for (const table of tables)
        await installation.rows(`ALTER TABLE ${table} DROP CONSTRAINT nothing_fits`);
    }
  }

  /** Connections that end in the middle of what they do. */
  async function withoutDatabase(): Promise<void> {
    const ways = everyWay();
    await installation.rows(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()
        AND pid <> pg_backend_pid() AND usename LIKE 'disburse%'`,
    );
    await ways;
  }

  async function everyWay(): Promise<void> {
    const {
      password,
      chosen,
      second_invitation: token,
      next_refresh: refresh,
      webhook,
      account_number: account,
    } = day.secrets;
    await day.post('/auth/login', { email: 'ann@example.com', password: chosen });
    await day.post('/auth/token', { email: 'ann@example.com', password: chosen });
    await day.post('/auth/refresh', { refresh_token: refresh });
    await day.post('/auth/accept-invitation', { token, password });
    await day.byKey('/users', { email: 'bob@example.com', name: 'Bob', role: 'analyst' });
    await day.byKey('/api-keys', { name: 'third', scopes: ['*'] });
    await day.byKey('/recipients', {
      type: 'INDIVIDUAL',
      name: 'Bob',
      country: 'US',
      account_number: account,
      bank_code: '110000000',
    });
    await day.byKey('/connections/webhook-endpoints', { family: 'connect', secret: webhook });
  }

  /** It names what is wrong with its settings. */
  async function thatDoesNotStart(): Promise<string> {
    const broken = installation.launch('api', {
      settings: {
        ENCRYPTION_KEYS: `${OWN.ENCRYPTION_KEYS},k1`,
        TOKEN_KEYS: `${OWN.TOKEN_KEYS}!`,
        DATABASE_URL: installation.urls.app.replace('postgres', 'mysql'),
        REDIS_URL: `http://user:${OWN.METRICS_TOKEN}@localhost`,
      },
    });
    await broken.ended();
    return readFileSync(broken.logFile, 'utf8');
  }

  const lines = (event: string) => program.lines().filter((line) => line['event'] === event);

  it('was written: requests, refusals, what nobody foresaw, and why it does not start', () => {
    expect(day.missing()).toEqual([]);
    expect(lines('http.request').length).toBeGreaterThan(500);
    expect(lines('security.login_failed').length).toBeGreaterThan(10);
    expect(lines('http.failed').length).toBeGreaterThan(5);
    expect(failed).toContain('ENCRYPTION_KEYS');
  });

  it('holds no secret, and nothing that a row holds of one', () => {
    expect(day.in(log)).toEqual([]);
    expect(day.in(failed)).toEqual([]);
    for (const kept of ['$argon2id$', 'Failing row', 'ann@example.com'])
      expect([kept, log.includes(kept)]).toEqual([kept, false]);
  });

  it('holds none in another writing either', () => {
    const written = Object.fromEntries(
      Object.entries(day.secrets).flatMap(([name, secret]) => [
        [`${name} in a URL`, encodeURIComponent(secret)],
        [`${name} in base64`, Buffer.from(secret).toString('base64')],
      ]),
    );
    expect(Object.keys(written).filter((name) => log.includes(written[name] as string))).toEqual([]);
  });
});
