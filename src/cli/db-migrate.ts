import 'reflect-metadata';
import { migrations } from '../migrations';
import { migrate } from '../platform/database';
import { runCommand, UsageError } from './command-line';

/** Brings the database of DATABASE_OWNER_URL to the newest shape. Two at once wait for each other. */
runCommand(async () => {
  const ownerUrl = process.env['DATABASE_OWNER_URL'];
  if (!ownerUrl) throw new UsageError('set DATABASE_OWNER_URL: migrations run as the owner of the tables');
  const done = await migrate(ownerUrl, migrations);
  process.stderr.write(done.length ? `${done.length} migrations run\n` : 'the database is up to date\n');
});
