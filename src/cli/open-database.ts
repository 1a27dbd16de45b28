import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Module, type INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { IdentityModule } from '../modules/identity';
import { TenancyModule } from '../modules/tenancy';
import { DatabaseModule } from '../platform/database';
import { UsageError } from './command-line';

@Module({})
class CommandModules {}

/** Runs `work` with tenancy and identity, as the application's own login, which sees one tenant at a time. */
export async function withModules<T>(work: (modules: INestApplicationContext) => Promise<T>): Promise<T> {
  const appUrl = await databaseUrl();
  // The system's login is for sweeps across tenants; a command works for one tenant and has no use for it.
  const database = DatabaseModule.forRoot({ appUrl, systemUrl: appUrl, limits: { poolMax: 2 }, rows: [] });
  const modules = await NestFactory.createApplicationContext(
    { module: CommandModules, imports: [database, TenancyModule, IdentityModule] },
    { logger: ['error'], abortOnError: false },
  );
  return work(modules).finally(() => modules.close());
}

/** DATABASE_URL, or what the last start of the embedded server left in DATA_DIR. */
async function databaseUrl(): Promise<string> {
  const given = process.env['DATABASE_URL'];
  if (given) return given;
  const file = join(process.env['DATA_DIR'] ?? '.disburse', 'database.json');
  const text = await readFile(file, 'utf8').catch(() => null);
  if (text === null) throw new UsageError(`set DATABASE_URL, or start the application once: there is no ${file}`);
  return (JSON.parse(text) as { app: string }).app;
}
