import { setTimeout as delay } from 'node:timers/promises';

const LOOK_EVERY_MS = 100;
const PATIENCE_MS = 180_000;

/** Without a limit: 10,000 is the highest pace. Two processes share it. */
export const UNPACED = {
  TRANSFER_PACE_PER_SECOND: '10000',
  WORKERS_MAX: '1',
  TRANSFER_SWEEP_EVERY_MS: '200',
};

/**
 * Pays `count` transfers with running workers. From the first call to the last recorded response, by the
 * database's clock.
 */
export async function pay(world, count, workers) {
  await world.pause();
  const job = await world.job(count);
  const cpuOf = (programs) => programs.reduce((sum, program) => sum + program.cpuSeconds(), 0);
  const before = { workers: cpuOf(workers), server: world.stage.serverCpuSeconds() };
  const callsBefore = await callsAt(world);
  await world.resume();
  await settled(world, job, callsBefore, count);
  const used = {
    workers: cpuOf(workers) - before.workers,
    server: world.stage.serverCpuSeconds() - before.server,
  };
  const [{ seconds, attempts }] = await world.sql(
    `SELECT extract(epoch FROM max(a.finished_at) - min(a.started_at))::float8 AS seconds, count(*)::int
      AS attempts
       FROM transfers.attempts a JOIN transfers.transfers t USING (tenant_id) WHERE t.id = a.transfer_id
         AND t.job_id = $1`,
    [job],
  );
  if (attempts !== count) throw new Error(`${attempts} calls for ${count} transfers`);
  const deliveredMs = await lastDelivery(world);
  return {
    perSecond: count / seconds,
    workerMicros: (used.workers * 1e6) / count,
    serverMicros: (used.server * 1e6) / count,
    deliveredMs,
  };
}

/**
 * Polls the provider until it has been called for all of them: polling our tables would change the measurement.
 */
async function settled(world, job, callsBefore, count) {
  const deadline = Date.now() + PATIENCE_MS;
  const open = `SELECT state, count(*)::int AS count FROM transfers.transfers WHERE tenant_id = $1
    AND job_id = $2 AND state <> 'completed' GROUP BY state`;
  for (; Date.now() < deadline; await delay(LOOK_EVERY_MS)) {
    if ((await callsAt(world)) < callsBefore + count) continue;
    if ((await world.sql(open, [world.tenant, job])).length === 0) return;
  }
  throw new Error(
    `the transfers were not paid in time: ${JSON.stringify(await world.sql(open, [world.tenant, job]))}`,
  );
}

async function callsAt({ simulatorUrl }) {
  const { calls } = await (await fetch(`${simulatorUrl}/_sim/stats`)).json();
  return calls;
}

/** The time from the last payment until the event handlers had handled all events. */
async function lastDelivery(world) {
  const started = performance.now();
  for (;;) {
    const [{ waiting }] = await world.sql(
      'SELECT EXISTS (SELECT FROM platform.outbox WHERE delivered_at IS NULL) AS waiting',
    );
    if (!waiting) return performance.now() - started;
    await delay(LOOK_EVERY_MS);
  }
}
