import 'reflect-metadata';
import { modules } from '../module-list';
import { ForeignDatabase, migrate } from '../platform/database';
import { options, runCommand, UsageError } from './command-line';

const USAGE = 'usage: db:migrate [--data <folders>]';

/**
 * Brings the database of DATABASE_OWNER_URL to the newest shape. Two at once wait for each other. `--data` names
 * the folders of an embedded server, for the message about a database that cannot be upgraded.
 */
runCommand(async () => {
  const { data } = options(USAGE, [], ['data']);
  const ownerUrl = process.env['DATABASE_OWNER_URL'];
  if (!ownerUrl) throw new UsageError('set DATABASE_OWNER_URL: migrations run as the owner of the tables');
  const done = await migrate(ownerUrl, modules.migrations).catch((error: unknown) => {
    if (!(error instanceof ForeignDatabase) || !data) throw error;
    throw new ForeignDatabase(error.migration, `stop the program, delete ${data} and start again`);
  });
  process.stderr.write(done.length ? `${done.length} migrations run\n` : 'the database is up to date\n');
});
