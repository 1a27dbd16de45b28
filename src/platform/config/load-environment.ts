import { existsSync } from 'node:fs';
import { loadEnvFile } from 'node:process';
import { validateSync, type ValidationError } from 'class-validator';
import { Environment } from './environment';
import { type Source, withEmbeddedDatabase, withKeptSecrets } from './kept-secrets';
import { environmentKeys, type Key } from './keys';
import { brokenRules } from './rules';

/** Every problem of the environment at once, a line each. Values are never part of it. */
export class BadEnvironment extends Error {
  constructor(readonly problems: readonly string[]) {
    super(
      `The environment has ${problems.length === 1 ? 'a problem' : `${problems.length} problems`}:\n${problems.map((p) => `  - ${p}`).join('\n')}`,
    );
    this.name = 'BadEnvironment';
  }
}

/**
 * For the start of a program: reads `.env` (what is set already wins), and ends the process with every
 * problem in one message.
 */
export function loadEnvironment(): Environment {
  try {
    if (existsSync('.env')) loadEnvFile('.env');
    return readEnvironment(process.env);
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`);
    process.exit(1);
  }
}

/** Throws BadEnvironment. */
export function readEnvironment(given: Source): Environment {
  const source = given.NODE_ENV === 'production' ? given : completed(given);
  const environment = new Environment();
  const unread = environmentKeys().flatMap((key) => assign(environment, key, source[key.key]));
  const readable = new Set(unread.map(({ key }) => key.property));
  const invalid = validateSync(environment).filter((error) => !readable.has(error.property));
  const problems = [
    ...unread.map(({ key, problem }) => `${key.key} ${problem}`),
    ...invalid.map((error) => said(error, environment)),
    ...brokenRules(environment),
  ];
  if (problems.length) throw new BadEnvironment(problems);
  return Object.freeze(environment);
}

function completed(given: Source): Source {
  const dataDir = given.DATA_DIR || new Environment().dataDir;
  return withKeptSecrets(withEmbeddedDatabase(given, dataDir), dataDir);
}

/** An empty text counts as absent: compose files pass unset variables as empty texts. */
function assign(
  environment: Environment,
  key: Key,
  raw: string | undefined,
): { key: Key; problem: string }[] {
  if (raw === undefined || raw === '') return [];
  const parsed = key.parse(raw);
  if ('problem' in parsed) return [{ key, problem: parsed.problem }];
  Object.assign(environment, { [key.property]: parsed.value });
  return [];
}

function said(error: ValidationError, environment: Environment): string {
  const key = environmentKeys().find(({ property }) => property === error.property)?.key ?? error.property;
  if ((environment as unknown as Record<string, unknown>)[error.property] === undefined)
    return `${key} is missing`;
  return `${key} is not valid: ${
    HINTS[key] ??
    Object.values(error.constraints ?? {})
      .join(', ')
      .replaceAll(error.property, 'it')
  }`;
}

const HINTS: Readonly<Record<string, string>> = {
  DATABASE_URL: 'it must look like postgres://login:password@host:5432/database',
  DATABASE_SYSTEM_URL: 'it must look like postgres://login:password@host:5432/database',
  DATABASE_OWNER_URL: 'it must look like postgres://login:password@host:5432/database',
  REDIS_URL: 'it must look like redis://:password@host:6379',
  STRIPE_SECRET_KEY: 'it must start with sk_ or rk_',
  STRIPE_API_BASE: 'it must look like http://127.0.0.1:12111',
  ENCRYPTION_KEYS:
    'it must look like id:base64,id:base64 with 32 bytes each; make one with "openssl rand -base64 32"',
  TOKEN_KEYS:
    'it must look like id:base64,id:base64 with 32 bytes each; make one with "openssl rand -base64 32"',
  HOST: 'it must be an address or a host name',
};
