import { randomBytes } from 'node:crypto';
import { chmodSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export type Source = Readonly<Record<string, string | undefined>>;

const OWNER_ONLY = 0o600;

/**
 * Outside production, absent secrets are made once and stored in DATA_DIR, so that a first start needs none and
 * data that was encrypted earlier stays readable. In production they must be set: a secret that exists on one
 * disk only is lost with it.
 */
export function withKeptSecrets(source: Source, dataDir: string): Source {
  const completed: Record<string, string | undefined> = { ...source };
  for (const [file, make] of Object.entries(KEPT)) {
    if (Object.keys(make()).every((name) => source[name])) continue;
    for (const [name, kept] of Object.entries(keptIn(join(dataDir, file), dataDir, make)))
      completed[name] ||= kept;
  }
  return completed;
}

const keyRing = (): string => `k1:${randomBytes(32).toString('base64')}`;

/** A file is written once: a secret that came with a later version has one of its own. */
const KEPT: Readonly<Record<string, () => Record<string, string>>> = {
  'secrets.json': () => ({ ENCRYPTION_KEYS: keyRing(), CURSOR_SECRET: randomBytes(32).toString('base64') }),
  'token-keys.json': () => ({ TOKEN_KEYS: keyRing() }),
};

/** The embedded database leaves its three logins here when it is started. */
export function withEmbeddedDatabase(source: Source, dataDir: string): Source {
  if (source.DATABASE_URL) return source;
  const urls = readJson(join(dataDir, 'database.json'));
  if (!urls) return source;
  return {
    ...source,
    DATABASE_URL: urls.app,
    DATABASE_SYSTEM_URL: source.DATABASE_SYSTEM_URL || urls.system,
    DATABASE_OWNER_URL: source.DATABASE_OWNER_URL || urls.owner,
  };
}

function keptIn(path: string, dataDir: string, make: () => Record<string, string>): Record<string, string> {
  const known = readJson(path);
  if (known) return known;
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const draft = `${path}.${process.pid}.${randomBytes(4).toString('hex')}`;
  const made = make();
  writeFileSync(draft, `${JSON.stringify(made, null, 2)}\n`, { mode: OWNER_ONLY });
  try {
    // Several processes may start at once: a link succeeds for one of them and shows a file that is whole.
    linkSync(draft, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(draft, { force: true });
  }
  chmodSync(path, OWNER_ONLY);
  return readJson(path) ?? made;
}

function readJson(path: string): Record<string, string> | null {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Record<string, string>;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw new Error(`${path} cannot be read: ${(error as Error).message}`);
  }
}
