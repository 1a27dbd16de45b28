import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Global, Module, type INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { modules } from '../module-list';
import { IdentityModule } from '../modules/identity';
import { TenancyModule } from '../modules/tenancy';
import { AuditModule } from '../platform/audit';
import { Cache, InProcessCache, InProcessTokenBucket, TokenBucket } from '../platform/cache';
import { Environment } from '../platform/config';
import { DatabaseModule } from '../platform/database';
import { ApiModule } from '../platform/api';
import { DeclaredScopesModule } from '../platform/module';
import { createLogger, Log, PinoLog } from '../platform/logging';
import { UsageError } from './command-line';

/** A command signs no user in: its token keys are random, and its limits and cache end with it. */
const alone = [
  {
    provide: Environment,
    useFactory: () =>
      Object.assign(new Environment(), { tokenKeys: `command:${randomBytes(32).toString('base64')}` }),
  },
  { provide: Cache, useFactory: () => new InProcessCache() },
  { provide: Log, useFactory: () => new PinoLog(createLogger('error')) },
  { provide: TokenBucket, useFactory: () => new InProcessTokenBucket(1) },
];

@Global()
@Module({ providers: alone, exports: alone })
class CommandModules {}

/** Runs `work` with tenancy and identity; `asSystem` for users, whom no tenant's login can read. */
export async function withModules<T>(
  work: (modules: INestApplicationContext) => Promise<T>,
  { asSystem = false } = {},
): Promise<T> {
  const appUrl = await databaseUrl('app', 'DATABASE_URL');
  const systemUrl = asSystem ? await databaseUrl('system', 'DATABASE_SYSTEM_URL') : appUrl;
  const database = DatabaseModule.forRoot({
    appUrl,
    systemUrl,
    limits: { poolMax: 2 },
    rows: [],
    waits: false,
  });
  // The modules bring their controllers, which no request reaches.
  const http = ApiModule.register({
    useFactory: () => ({ cursorSecret: randomBytes(32).toString('base64') }),
  });
  const scopes = DeclaredScopesModule.forRoot(modules.scopes);
  const context = await NestFactory.createApplicationContext(
    { module: CommandModules, imports: [database, http, scopes, AuditModule, TenancyModule, IdentityModule] },
    // runCommand reports errors, once.
    { logger: false, abortOnError: false },
  );
  return work(context).finally(() => context.close());
}

/** The variable, or the URL that the last start of the embedded server stored in DATA_DIR. */
async function databaseUrl(login: 'app' | 'system', variable: string): Promise<string> {
  const given = process.env[variable];
  if (given) return given;
  const file = join(process.env['DATA_DIR'] ?? '.disburse', 'database.json');
  const text = await readFile(file, 'utf8').catch(() => null);
  if (text === null)
    throw new UsageError(`set ${variable}, or start the application once: there is no ${file}`);
  return (JSON.parse(text) as Record<typeof login, string>)[login];
}
