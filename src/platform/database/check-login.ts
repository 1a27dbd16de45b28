import type { DataSource } from 'typeorm';
import { Misconfigured } from '../../kernel/errors';

interface Login {
  readonly role: string;
  readonly superuser: boolean;
  readonly bypass: boolean;
  readonly owns: bigint;
  readonly member_of: bigint;
}

const LOGIN = `
  SELECT current_user AS role, r.rolsuper AS superuser, r.rolbypassrls AS bypass,
         (SELECT count(*) FROM pg_class c WHERE c.relowner = r.oid) AS owns,
         (SELECT count(*) FROM pg_auth_members m WHERE m.member = r.oid) AS member_of
    FROM pg_roles r WHERE r.rolname = current_user`;

/**
 * Row-level security does not bind a superuser, a login with BYPASSRLS or a member of the owner: such a login
 * must not serve requests.
 */
export async function refuseMightyLogin(source: DataSource): Promise<void> {
  const [login] = await source.query<Login[]>(LOGIN);
  if (!login) throw new Error('the database returns no row for the current login');
  const faults = [
    login.superuser && 'is a superuser',
    login.bypass && 'has BYPASSRLS',
    login.owns > 0n && 'owns tables',
    login.member_of > 0n && 'is a member of another role',
  ].filter(Boolean);
  if (faults.length)
    throw new Misconfigured(
      `the database login ${login.role} ${faults.join(', ')}: run "npm run db:provision -- <admin url>" and use the URLs it prints`,
    );
}
