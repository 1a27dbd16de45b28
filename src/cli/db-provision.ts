import 'reflect-metadata';
import { provision } from '../platform/database';
import { runCommand, UsageError } from './command-line';

const USAGE = 'usage: npm run db:provision -- postgres://admin:password@host:5432/disburse';

/**
 * Creates the three logins in the database of the given URL and prints their URLs, which contain the only copy
 * of their passwords.
 */
runCommand(async () => {
  const adminUrl = process.argv[2];
  if (!adminUrl?.startsWith('postgres')) throw new UsageError(USAGE);
  const urls = await provision(adminUrl);
  process.stdout.write(
    `DATABASE_URL=${urls.app}\nDATABASE_SYSTEM_URL=${urls.system}\nDATABASE_OWNER_URL=${urls.owner}\n`,
  );
});
