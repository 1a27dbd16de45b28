import 'reflect-metadata';
import { systemActor } from '../kernel/actor';
import { Tenancy } from '../modules/tenancy';
import { options, runCommand } from './command-line';
import { withModules } from './open-database';

const USAGE = 'usage: npm run tenant:create -- --name "Acme"';

runCommand(async () => {
  const { name } = options(USAGE, ['name']);
  const tenant = await withModules((modules) =>
    modules.get(Tenancy, { strict: false }).create(name, systemActor('command line')),
  );
  process.stdout.write(`${JSON.stringify(tenant)}\n`);
});
