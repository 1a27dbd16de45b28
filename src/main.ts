import 'reflect-metadata';
import { setFlagsFromString } from 'node:v8';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { AppModule } from './app.module';
import { exitMessage } from './kernel/errors';
import { type Environment, loadEnvironment } from './platform/config';
import { explained } from './platform/database';
import { configureHttp, fastifyAdapter, measureRequests } from './platform/http';
import { Metrics } from './platform/metrics';
import { createLogger, FrameworkLog, PinoLog } from './platform/logging';

/**
 * V8 would let the heap grow to four times what is alive before it collects: 300 MB resident for a stream of
 * a million awards, of which 50 are alive. Twice is 200 MB at the same speed.
 */
setFlagsFromString('--heap-growing-percent=100');

/**
 * Starts the roles named in ROLES. Every role listens, because every process serves its health and metrics;
 * one without the role api serves nothing else.
 */
async function main(environment: Environment): Promise<void> {
  const log = new PinoLog(createLogger(environment.logLevel));
  const adapter = fastifyAdapter(log, {
    bodyLimitBytes: environment.bodyLimitBytes,
    trustedProxies: environment.trustedProxies ?? false,
  });
  const app = await NestFactory.create<NestFastifyApplication>(AppModule.forRoot(environment), adapter, {
    logger: new FrameworkLog(log),
    abortOnError: false,
  });
  configureHttp(app, { api: environment.has('api'), docs: !environment.isProduction });
  measureRequests(app, app.get(Metrics));
  await app.listen(environment.port, environment.host);
  log.info('program.ready', {
    roles: environment.roles.join(','),
    host: environment.host,
    port: Number(new URL(await app.getUrl()).port),
  });
}

// An unhandled rejection is a defect that leaves an unknown state: the process prints it and ends, and its
// leases expire.
process.on('unhandledRejection', (reason) => {
  process.stderr.write(`${reason instanceof Error ? (reason.stack ?? reason.message) : String(reason)}\n`);
  process.exit(1);
});

main(loadEnvironment()).catch((error: unknown) => {
  process.stderr.write(`${exitMessage(explained(error))}\n`);
  process.exit(1);
});
