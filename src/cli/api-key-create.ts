import 'reflect-metadata';
import { tenantIdOf } from '../kernel/ids';
import { ApiKeys } from '../modules/identity';
import { options, runCommand } from './command-line';
import { withModules } from './open-database';

const USAGE =
  'usage: npm run api-key:create -- --tenant <id> --scopes settlements:*,transfers:read [--name production]';

runCommand(async () => {
  const { tenant, scopes, name } = options(USAGE, ['tenant', 'scopes'], ['name']);
  const list = scopes.split(',').map((scope) => scope.trim());
  const key = await withModules((modules) =>
    modules.get(ApiKeys, { strict: false }).create(tenantIdOf(tenant), name ?? 'command line', list),
  );
  process.stdout.write(`${JSON.stringify(key)}\n`);
  process.stderr.write('The secret is shown only once.\n');
});
