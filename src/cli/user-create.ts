import 'reflect-metadata';
import { tenantIdOf } from '../kernel/ids';
import { type Invitation, People } from '../modules/identity';
import { systemActor } from '../platform/http';
import { options, runCommand, switches, UsageError } from './command-line';
import { withModules } from './open-database';

const USAGE = 'usage: npm run user:create -- --email ann@example.com [--name "Ann Lee"] [--platform-admin] [--tenant <id> --role tenant_admin]';

/** Prints a token with which the person chooses a password: there is no default one. */
runCommand(async () => {
  const { 'platform-admin': isPlatformAdmin } = switches('platform-admin');
  const { email, name = email, tenant, role } = options(USAGE, ['email'], ['name', 'tenant', 'role']);
  if ((tenant === undefined) !== (role === undefined)) throw new UsageError(`--tenant and --role belong together\n${USAGE}`);
  const invitation = await withModules(
    async (modules) => {
      const people = modules.get(People, { strict: false });
      const created = await people.create({ email, name, isPlatformAdmin });
      if (tenant === undefined || role === undefined) return created;
      return people.invite({ tenantId: tenantIdOf(tenant), scopes: ['*'], actor: systemActor('command line') }, { email, name, role });
    },
    { asSystem: true },
  );
  process.stdout.write(`${JSON.stringify(shown(invitation))}\n`);
  process.stderr.write('The token is shown this once; POST /api/v1/auth/accept-invitation takes it with a password.\n');
});

function shown({ userId, token, expiresAt }: Invitation): object {
  return { user_id: userId, token, expires_at: expiresAt.toISOString() };
}
