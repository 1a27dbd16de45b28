import 'reflect-metadata';
import { type TenantId, tenantIdOf } from '../kernel/ids';
import { type Invitation, People } from '../modules/identity';
import { systemActor } from '../kernel/actor';
import { options, runCommand, switches, UsageError } from './command-line';
import { withModules } from './open-database';

const USAGE =
  'usage: npm run user:create -- --email ann@example.com [--name "Ann Lee"] [--platform-admin] [--tenant <id> --role tenant_admin]';

/** Prints a token with which the person chooses a password: there is no default one. */
runCommand(async () => {
  const { 'platform-admin': isPlatformAdmin } = switches('platform-admin');
  const { email, name = email, tenant, role } = options(USAGE, ['email'], ['name', 'tenant', 'role']);
  if ((tenant === undefined) !== (role === undefined))
    throw new UsageError(`--tenant and --role belong together\n${USAGE}`);
  const into = tenant === undefined || role === undefined ? null : { tenantId: tenantIdOf(tenant), role };
  await withModules(
    async (modules) => {
      const people = modules.get(People, { strict: false });
      if (into) await people.mustBeInvitable(into.tenantId, { email, role: into.role });
      const created = await people.create({ email, name, isPlatformAdmin });
      show(into ? await invited(people, into, { email, name }, created) : created);
    },
    { asSystem: true },
  );
});

/**
 * What was made by then is the only way into the account, should the invitation fail: its token is shown
 * before the failure is told.
 */
async function invited(
  people: People,
  into: { tenantId: TenantId; role: string },
  person: { email: string; name: string },
  created: Invitation,
): Promise<Invitation> {
  try {
    return await people.invite(
      { tenantId: into.tenantId, scopes: ['*'], actor: systemActor('command line') },
      { ...person, role: into.role },
    );
  } catch (error) {
    show(created);
    throw error;
  }
}

function show({ userId, token, expiresAt }: Invitation): void {
  process.stdout.write(
    `${JSON.stringify({ user_id: userId, token, expires_at: expiresAt.toISOString() })}\n`,
  );
  process.stderr.write(
    'The token is shown this once; POST /api/v1/auth/accept-invitation takes it with a password.\n',
  );
}
