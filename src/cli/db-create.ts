import 'reflect-metadata';
import { createDatabase } from '../platform/database';
import { runCommand, UsageError } from './command-line';

/** Creates a database on a server unless it exists: `db-create <admin url> <name>`. */
runCommand(async () => {
  const [adminUrl, name] = process.argv.slice(2);
  if (!adminUrl || !name) throw new UsageError('usage: db-create <admin url> <name>');
  await createDatabase(adminUrl, name);
});
