import 'reflect-metadata';
import { systemActor } from '../kernel/actor';
import { type TenantId, tenantIdOf } from '../kernel/ids';
import { type Invitation, Users } from '../modules/identity';
import { options, runCommand, switches, UsageError } from './command-line';
import { withModules } from './open-database';

const USAGE =
  'usage: npm run user:create -- --email ann@example.com [--name "Ann Lee"] [--platform-admin] ' +
  '[--tenant <id> --role tenant_admin]';

/** Prints a token with which the user chooses a password; there is no default password. */
runCommand(async () => {
  const { 'platform-admin': isPlatformAdmin } = switches('platform-admin');
  const { email, name = email, tenant, role } = options(USAGE, ['email'], ['name', 'tenant', 'role']);
  if ((tenant === undefined) !== (role === undefined))
    throw new UsageError(`--tenant and --role belong together\n${USAGE}`);
  const into = tenant === undefined || role === undefined ? null : { tenantId: tenantIdOf(tenant), role };
  await withModules(
    async (modules) => {
      const users = modules.get(Users, { strict: false });
      if (into) await users.assertInvitable(into.tenantId, { email, role: into.role });
      const created = await users.create({ email, name, isPlatformAdmin });
      print(into ? await invited(users, into, { email, name }, created) : created);
    },
    { asSystem: true },
  );
});

/**
 * If the invitation fails, the token that was created before it is the only way into the account: it is
 * printed before the error.
 */
async function invited(
  users: Users,
  into: { tenantId: TenantId; role: string },
  user: { email: string; name: string },
  created: Invitation,
): Promise<Invitation> {
  try {
    return await users.invite(
      { tenantId: into.tenantId, scopes: ['*'], actor: systemActor('command line') },
      { ...user, role: into.role },
    );
  } catch (error) {
    print(created);
    throw error;
  }
}

function print({ userId, token, expiresAt }: Invitation): void {
  process.stdout.write(
    `${JSON.stringify({ user_id: userId, token, expires_at: expiresAt.toISOString() })}\n`,
  );
  process.stderr.write(
    'The token is shown only once. Send it with a password to POST /api/v1/auth/accept-invitation.\n',
  );
}
