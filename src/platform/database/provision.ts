import { randomBytes } from 'node:crypto';
import { Client } from 'pg';
import { OWNER, ROLES, APP, SYSTEM } from './roles';

export interface DatabaseUrls {
  readonly app: string;
  readonly system: string;
  readonly owner: string;
}

/**
 * Makes the three logins and hands the database to the owner. May be run again: existing logins get the given
 * passwords, so that what is printed always works. `admin` must be allowed to create roles.
 */
export async function provision(
  adminUrl: string,
  passwords: Partial<Record<string, string>> = {},
): Promise<DatabaseUrls> {
  const admin = new Client({ connectionString: adminUrl, connectionTimeoutMillis: 5_000 });
  await admin.connect();
  try {
    const known = Object.fromEntries(
      ROLES.map((role) => [role, passwords[role] ?? randomBytes(24).toString('base64url')]),
    );
    // Roles belong to the whole server: two provisions at once must not race on CREATE ROLE.
    await admin.query(`SELECT pg_advisory_lock(hashtext('disburse.provision'))`);
    for (const role of ROLES) await ensureRole(admin, role, known[role] as string);
    await handOver(admin);
    return {
      app: withLogin(adminUrl, APP, known),
      system: withLogin(adminUrl, SYSTEM, known),
      owner: withLogin(adminUrl, OWNER, known),
    };
  } finally {
    await admin.end();
  }
}

/** Makes a database on a server unless it is there. */
export async function createDatabase(adminUrl: string, name: string): Promise<void> {
  const admin = new Client({ connectionString: adminUrl, connectionTimeoutMillis: 5_000 });
  await admin.connect();
  try {
    const { rowCount } = await admin.query('SELECT 1 FROM pg_database WHERE datname = $1', [name]);
    if (!rowCount) await admin.query(`CREATE DATABASE ${admin.escapeIdentifier(name)}`);
  } finally {
    await admin.end();
  }
}

async function ensureRole(admin: Client, role: string, password: string): Promise<void> {
  const rights = `LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE NOINHERIT NOREPLICATION PASSWORD ${admin.escapeLiteral(password)}`;
  const { rowCount } = await admin.query('SELECT 1 FROM pg_roles WHERE rolname = $1', [role]);
  await admin.query(`${rowCount ? 'ALTER' : 'CREATE'} ROLE ${role} ${rights}`);
}

/**
 * Gives the database the admin is connected to into the three logins' hands; also needed after CREATE
 * DATABASE … TEMPLATE, which copies no grants.
 */
export async function handOver(admin: Client): Promise<void> {
  const { rows } = await admin.query<{ name: string }>('SELECT current_database() AS name');
  const database = admin.escapeIdentifier(rows[0]?.name ?? '');
  await admin.query(`REVOKE ALL ON DATABASE ${database} FROM PUBLIC`);
  await admin.query(`GRANT CONNECT, CREATE ON DATABASE ${database} TO ${OWNER}`);
  await admin.query(`GRANT CONNECT ON DATABASE ${database} TO ${APP}, ${SYSTEM}`);
  await admin.query(`REVOKE CREATE ON SCHEMA public FROM PUBLIC`);
}

function withLogin(adminUrl: string, role: string, passwords: Record<string, string | undefined>): string {
  const url = new URL(adminUrl);
  url.username = role;
  url.password = passwords[role] ?? '';
  return url.toString();
}
