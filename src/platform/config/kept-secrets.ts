import { randomBytes } from 'node:crypto';
import { chmodSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export type Source = Readonly<Record<string, string | undefined>>;

const OWNER_ONLY = 0o600;

/**
 * Outside production nobody has to think of secrets before the first start: what is absent is made once and kept in DATA_DIR,
 * so that what was sealed yesterday opens today. Production is never helped out: a secret that only exists on one disk is lost
 * with it.
 */
export function withKeptSecrets(source: Source, dataDir: string): Source {
  if (source.ENCRYPTION_KEYS && source.CURSOR_SECRET) return source;
  const kept = keptSecrets(dataDir);
  return { ...source, ENCRYPTION_KEYS: source.ENCRYPTION_KEYS || kept.ENCRYPTION_KEYS, CURSOR_SECRET: source.CURSOR_SECRET || kept.CURSOR_SECRET };
}

/** The embedded database leaves its three logins here when it is started. */
export function withEmbeddedDatabase(source: Source, dataDir: string): Source {
  if (source.DATABASE_URL) return source;
  const urls = readJson(join(dataDir, 'database.json'));
  if (!urls) return source;
  return { ...source, DATABASE_URL: urls.app, DATABASE_SYSTEM_URL: source.DATABASE_SYSTEM_URL || urls.system, DATABASE_OWNER_URL: source.DATABASE_OWNER_URL || urls.owner };
}

function keptSecrets(dataDir: string): Record<string, string> {
  const path = join(dataDir, 'secrets.json');
  const known = readJson(path);
  if (known) return known;
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const draft = `${path}.${process.pid}.${randomBytes(4).toString('hex')}`;
  const made = { ENCRYPTION_KEYS: `k1:${randomBytes(32).toString('base64')}`, CURSOR_SECRET: randomBytes(32).toString('base64') };
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
