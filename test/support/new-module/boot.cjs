'use strict';

/**
 * Runs in the copy of the project: migrates the database, starts the built program in this process, makes a
 * pledge by a key with the scope and one by a key without it, and waits until the event was handled. Prints
 * the statuses and the names of what the module added.
 */
require('reflect-metadata');
const { NestFactory } = require('@nestjs/core');
const { setTimeout: delay } = require('node:timers/promises');

const dist = (path) => require(`${process.cwd()}/dist/${path}`);

async function main() {
  const { modules } = dist('module-list');
  await dist('platform/database').migrate(process.env.DATABASE_OWNER_URL, modules.migrations);
  const environment = dist('platform/config').readEnvironment(process.env);
  const { configureHttp, fastifyAdapter } = dist('platform/http');
  const { createLogger, PinoLog } = dist('platform/logging');
  const adapter = fastifyAdapter(new PinoLog(createLogger('silent')), {
    bodyLimitBytes: environment.bodyLimitBytes,
    trustedProxies: false,
  });
  const { AppModule } = dist('app.module');
  const app = await NestFactory.create(AppModule.forRoot(environment), adapter, {
    logger: false,
    abortOnError: false,
  });
  configureHttp(app);
  await app.listen(0, '127.0.0.1');
  const tenant = await app.get(dist('modules/tenancy').Tenancy, { strict: false }).create('Acme');
  const keys = app.get(dist('modules/identity').ApiKeys, { strict: false });
  const [maker, reader] = [
    await keys.create(tenant.id, 'maker', ['pledges:write']),
    await keys.create(tenant.id, 'reader', ['ledger:read']),
  ];
  const url = `${await app.getUrl()}/api/v1/pledges`;
  const call = (method, path, { secret }) => fetch(url + path, { method, headers: { 'X-API-Key': secret } });
  const rejected = await call('POST', '', reader);
  const made = await call('POST', '', maker);
  const { id } = await made.json();
  let confirmed = false;
  for (let tries = 0; tries < 100 && !confirmed; tries++) {
    await delay(100);
    ({ confirmed } = await (await call('GET', `/${id}`, maker)).json());
  }
  await app.close();
  return {
    rejected: rejected.status,
    made: made.status,
    confirmed,
    queues: modules.queues,
    events: modules.events,
  };
}

main().then(
  (result) => process.stdout.write(`\n${JSON.stringify(result)}\n`, () => process.exit(0)),
  (error) => process.stderr.write(`${error.stack}\n`, () => process.exit(1)),
);
