import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BadEnvironment, Environment, environmentKeys, readEnvironment } from '.';

const random32 = 'q1r0v8gGJ1kXk0cYtqV4yq9mXyU2l3C5d7Zr0a1b2c4=';
const PRODUCTION = {
  NODE_ENV: 'production',
  DATABASE_URL: 'postgres://disburse_app:9fKq2mZ8xLw3@db:5432/disburse',
  DATABASE_SYSTEM_URL: 'postgres://disburse_system:9fKq2mZ8xLw4@db:5432/disburse',
  REDIS_URL: 'redis://:kX81mQ@redis:6379',
  ENCRYPTION_KEYS: `2025-11:${random32}`,
  TOKEN_KEYS: '2025-11:ZpV3n8QyW1sT6uVbA8cE5fG7hI0jKlMnOpQrStUvWxY=',
  CURSOR_SECRET: 'Zk3vT9pQ1xW8rY5uM2nB7cL4sD6fG0hJ',
};

function problemsOf(source: Record<string, string>): readonly string[] {
  try {
    readEnvironment(source);
    return [];
  } catch (error) {
    if (error instanceof BadEnvironment) return error.problems;
    throw error;
  }
}

describe('the environment of a process', () => {
  let dataDir: string;
  beforeEach(() => {
    dataDir = mkdtempSync(join(tmpdir(), 'disburse-config-'));
    writeFileSync(
      join(dataDir, 'database.json'),
      JSON.stringify({
        app: 'postgres://a:a@h/d',
        system: 'postgres://s:s@h/d',
        owner: 'postgres://o:o@h/d',
      }),
    );
  });
  afterEach(() => rmSync(dataDir, { recursive: true }));

  it('has exactly the keys that .env.example shows, each under a comment and with its default', () => {
    const shown = readFileSync(join(__dirname, '../../../.env.example'), 'utf8').split('\n');
    const pairs = shown
      .filter((line) => /^[A-Z]/.test(line))
      .map((line) => line.split('=') as [string, string]);
    expect(pairs.map(([key]) => key).sort()).toEqual(
      environmentKeys()
        .map(({ key }) => key)
        .sort(),
    );
    const defaults = new Environment() as unknown as Record<string, unknown>;
    for (const { key, property } of environmentKeys())
      expect([key, String(defaults[property] ?? '')]).toEqual(pairs.find(([shownKey]) => shownKey === key));
    for (const [index, line] of shown.entries())
      if (/^[A-Z]/.test(line)) expect(shown[index - 1]).toMatch(/^(#|[A-Z])/);
  });

  it('needs nothing outside production: the embedded database is found, secrets are made once and kept from other users', () => {
    const first = readEnvironment({ DATA_DIR: dataDir });
    const second = readEnvironment({ DATA_DIR: dataDir, NODE_ENV: '' });
    expect(first.databaseSystemUrl).toBe('postgres://s:s@h/d');
    expect(first.encryptionKeys).toMatch(/^k1:/);
    expect(second.encryptionKeys).toBe(first.encryptionKeys);
    expect(second.cursorSecret).toBe(first.cursorSecret);
    expect(statSync(join(dataDir, 'secrets.json')).mode & 0o777).toBe(0o600);
    expect(first.roles).toEqual(['api', 'scheduler', 'worker']);
    expect(first.has('worker')).toBe(true);
  });

  it('names every problem at once, and no value', () => {
    const problems = problemsOf({
      DATA_DIR: dataDir,
      PORT: '0x10',
      ROLES: 'api,boss',
      LOG_LEVEL: 'loud',
      DATABASE_URL: 'mysql://hidden',
      TRANSFER_BATCH: '1e3',
      WORKERS_MAX: '0',
    });
    expect(problems.map((problem) => problem.split(' ')[0]).sort()).toEqual([
      'DATABASE_SYSTEM_URL',
      'DATABASE_URL',
      'LOG_LEVEL',
      'PORT',
      'ROLES',
      'TRANSFER_BATCH',
      'WORKERS_MAX',
    ]);
    expect(problems.join()).not.toContain('hidden');
  });

  it.each([['0x10'], ['1e3'], [' 12 '], ['-1'], ['3.5'], ['true'], ['٣']])(
    'does not take %j for a number',
    (text) => {
      expect(problemsOf({ DATA_DIR: dataDir, PORT: text })).toEqual([
        'PORT must be a whole number, written in digits',
      ]);
    },
  );

  it('refuses a lease in which a slow call could still be on its way', () => {
    expect(problemsOf({ DATA_DIR: dataDir, TRANSFER_LEASE_MS: '74999' })).toEqual([
      expect.stringContaining('TRANSFER_LEASE_MS must be at least'),
    ]);
    expect(
      problemsOf({ DATA_DIR: dataDir, TRANSFER_CALL_DEADLINE_MS: '1000', TRANSFER_LEASE_MS: '17000' }),
    ).toEqual([]);
  });

  it('refuses a safe window in which Stripe may forget a key', () => {
    expect(problemsOf({ DATA_DIR: dataDir, TRANSFER_SAFE_WINDOW_MS: '82800001' })).toEqual([
      expect.stringContaining('TRANSFER_SAFE_WINDOW_MS'),
    ]);
    expect(problemsOf({ DATA_DIR: dataDir, TRANSFER_SAFE_WINDOW_MS: '82800000' })).toEqual([]);
  });

  it('refuses an encryption key that is not 32 bytes and an id that is given twice', () => {
    expect(problemsOf({ DATA_DIR: dataDir, ENCRYPTION_KEYS: 'k1:c2hvcnQ=' })).toEqual([
      expect.stringContaining('ENCRYPTION_KEYS is not valid'),
    ]);
    expect(problemsOf({ DATA_DIR: dataDir, ENCRYPTION_KEYS: `a:${random32},a:${random32}` })).toEqual([
      'ENCRYPTION_KEYS names the same key id twice',
    ]);
  });

  describe('in production', () => {
    it('starts with everything given', () => {
      expect(readEnvironment(PRODUCTION).isProduction).toBe(true);
    });

    it('embeds and generates nothing', () => {
      const problems = problemsOf({ NODE_ENV: 'production', DATA_DIR: dataDir });
      expect(problems.map((problem) => problem.split(' ')[0]).sort()).toEqual([
        'CURSOR_SECRET',
        'DATABASE_SYSTEM_URL',
        'DATABASE_URL',
        'ENCRYPTION_KEYS',
        'REDIS_URL',
        'TOKEN_KEYS',
      ]);
    });

    it.each([
      ['STRIPE_API_BASE', 'http://127.0.0.1:12111'],
      ['STRIPE_SECRET_KEY', 'sk_test_simulator'],
      ['CURSOR_SECRET', 'please-change-me-please-change-me-1234'],
      ['CURSOR_SECRET', 'a'.repeat(40)],
      ['ENCRYPTION_KEYS', `k1:${Buffer.alloc(32).toString('base64')}`],
      ['TOKEN_KEYS', `k1:${Buffer.alloc(32).toString('base64')}`],
      ['TOKEN_KEYS', `k2:${random32}`],
      ['SESSION_COOKIE_SECURE', 'false'],
      ['DATABASE_URL', 'postgres://disburse_app:postgres@db/disburse'],
      ['DATABASE_SYSTEM_URL', 'postgres://disburse_system@db/disburse'],
    ])('refuses %s=%s', (key, value) => {
      expect(problemsOf({ ...PRODUCTION, [key]: value })).toEqual([expect.stringContaining(key)]);
    });
  });

  it.each([
    'true',
    '*',
    '0',
    '10',
    '0.0.0.0/0',
    '::/0',
    '10.0.0.0/33',
    '10.0.0',
    'proxy.internal',
    '10.0.0.1,,',
  ])('trusts no proxies "%s"', (text) => {
    expect(problemsOf({ ...PRODUCTION, TRUSTED_PROXIES: text })).toEqual([
      expect.stringMatching(/^TRUSTED_PROXIES/),
    ]);
  });

  it.each<[string, unknown]>([
    ['1', 1],
    ['10.0.0.1', ['10.0.0.1']],
    ['10.0.0.0/8, fd00::/8', ['10.0.0.0/8', 'fd00::/8']],
  ])('trusts the proxies "%s"', (text, proxies) => {
    expect(readEnvironment({ ...PRODUCTION, TRUSTED_PROXIES: text }).trustedProxies).toEqual(proxies);
  });
});
