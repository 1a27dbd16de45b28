import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { readEnvironment } from '../../src/platform/config';

type Variables = Readonly<Record<string, string>>;

interface Service {
  readonly environment?: Variables;
  readonly env_file?: string;
  readonly command?: readonly string[];
  readonly ports?: readonly string[];
}

const { load } = jest.requireActual<{ load: (text: string) => unknown }>('js-yaml');
const project = (name: string) => readFileSync(join(__dirname, '../..', name), 'utf8');
const PROGRAM = ['api', 'scheduler', 'worker'];
const SUPERUSER = 'p@ss:w/rd#1?';
const OWNER = 'postgres://disburse_owner:m9Kq2mZ8xLw3@postgres:5432/disburse';

/** An .env file: .env.example with the required values and another port. */
const ENV: Variables = {
  ...(parseEnv(project('.env.example')) as Variables),
  PORT: '4000',
  POSTGRES_PASSWORD: SUPERUSER,
  REDIS_PASSWORD: 'kX81mQ-r4Tz',
  DATABASE_URL: 'postgres://disburse_app:9fKq2mZ8xLw3@postgres:5432/disburse',
  DATABASE_SYSTEM_URL: 'postgres://disburse_system:9fKq2mZ8xLw4@postgres:5432/disburse',
  DATABASE_OWNER_URL: OWNER,
  ENCRYPTION_KEYS: 'e1:q1r0v8gGJ1kXk0cYtqV4yq9mXyU2l3C5d7Zr0a1b2c4=',
  TOKEN_KEYS: 't1:ZpV3n8QyW1sT6uVbA8cE5fG7hI0jKlMnOpQrStUvWxY=',
  CURSOR_SECRET: 'Zk3vT9pQ1xW8rY5uM2nB7cL4sD6fG0hJ',
};

/** As Compose reads the file: `<<` merged, `${NAME:-default}` and `${NAME:?}` filled in. */
function merged(value: unknown): unknown {
  if (typeof value === 'string')
    return value.replace(
      /\$\{(\w+)(?::-([^}]*)|:\?)\}/g,
      (_, name: string, instead: string | undefined) => ENV[name] || (instead ?? ''),
    );
  if (Array.isArray(value)) return value.map(merged);
  if (typeof value !== 'object' || value === null) return value;
  const { '<<': base = {}, ...own } = value as Record<string, unknown>;
  return Object.fromEntries(
    Object.entries({ ...(base as object), ...own }).map(([key, part]) => [key, merged(part)]),
  );
}

const { services } = merged(load(project('docker-compose.yml'))) as { services: Record<string, Service> };

/** The environment of a container: values under `environment` take precedence over the file. */
function given(name: string): Variables {
  const { env_file: file, environment = {} } = services[name] as Service;
  return file === undefined ? environment : { ...ENV, ...environment };
}

const holders = (secret: string) =>
  Object.keys(services).filter((name) => Object.values(given(name)).some((value) => value.includes(secret)));

describe('docker-compose.yml', () => {
  it.each(PROGRAM)(
    'starts the role %s in production, reachable from outside of its container, whatever .env says',
    (role) => {
      expect(readEnvironment(given(role))).toMatchObject({
        nodeEnv: 'production',
        roles: [role],
        host: '0.0.0.0',
        port: 3000,
        redisUrl: 'redis://:kX81mQ-r4Tz@redis:6379',
      });
    },
  );

  it('publishes the port of .env', () => {
    expect(services['api']?.ports).toEqual(['4000:3000']);
  });

  it('gives what opens the whole database only to those who need it', () => {
    expect(holders(SUPERUSER)).toEqual(['postgres', 'provision']);
    expect(holders(OWNER)).toEqual(['migrate']);
  });

  it("accepts a superuser's password of any characters, because no URL contains it", () => {
    expect(given('provision')).toEqual({ PGPASSWORD: SUPERUSER });
    expect(services['provision']?.command).toEqual([
      'node',
      'dist/cli/db-provision.js',
      'postgres://postgres@postgres:5432/disburse',
    ]);
  });

  it('requires only variables that .env.example describes', () => {
    const required = [...project('docker-compose.yml').matchAll(/\$\{(\w+)/g)].map(
      ([, name]) => name as string,
    );
    for (const name of required) expect(project('.env.example')).toMatch(new RegExp(`^(?:# )?${name}=`, 'm'));
  });
});
