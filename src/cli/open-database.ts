import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Global, Module, type INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { IdentityModule } from '../modules/identity';
import { TenancyModule } from '../modules/tenancy';
import { AuditModule } from '../platform/audit';
import { DatabaseModule } from '../platform/database';
import { HttpModule } from '../platform/http';
import { createLogger, Log, PinoLog } from '../platform/logging';
import { UsageError } from './command-line';

@Module({})
class CommandModules {}

/** What modules with routes ask for, though a command answers no request. */
@Global()
@Module({ providers: [{ provide: Log, useFactory: () => new PinoLog(createLogger('error')) }], exports: [Log] })
class CommandGround {}

const http = HttpModule.register({ useFactory: () => ({ cursorSecret: randomBytes(32).toString('hex') }) });

/** Runs `work` with tenancy and identity, as the application's own login, which sees one tenant at a time. */
export async function withModules<T>(work: (modules: INestApplicationContext) => Promise<T>): Promise<T> {
  const appUrl = await databaseUrl();
  // The system's login is for sweeps across tenants; a command works for one tenant and has no use for it.
  const database = DatabaseModule.forRoot({ appUrl, systemUrl: appUrl, limits: { poolMax: 2 }, rows: [] });
  const modules = await NestFactory.createApplicationContext(
    { module: CommandModules, imports: [CommandGround, database, AuditModule, http, TenancyModule, IdentityModule] },
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
