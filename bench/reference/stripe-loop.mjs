/**
 * The minimal cost of paying: stripe-node in a loop at a given concurrency, with the parameters of our calls and
 * without a database. A process of its own, as a worker: it receives the number of payments over IPC and returns
 * the seconds.
 */
import Stripe from 'stripe';

const { BASE, SECRET_KEY, CONCURRENCY, ACCOUNTS } = process.env;
const { hostname, port } = new URL(BASE);
const stripe = new Stripe(SECRET_KEY, {
  protocol: 'http',
  host: hostname,
  port,
  maxNetworkRetries: 0,
  timeout: 30_000,
  telemetry: false,
  apiVersion: '2026-10-28.endive',
});
let paid = 0;

function pay() {
  paid += 1;
  const id = `${process.pid}-${paid}`;
  return stripe.transfers.create(
    {
      amount: 100 + (paid % 900),
      currency: 'usd',
      destination: `acct_sim_bench_${1 + (paid % Number(ACCOUNTS))}`,
      transfer_group: `bench_${id}`,
      description: `Bare transfer ${id}`,
      metadata: {
        disburse_tenant: 'bench',
        disburse_transfer: id,
        disburse_job: 'bench',
        disburse_settlement: 'bench',
      },
    },
    { idempotencyKey: `transfer:${id}:g1` },
  );
}

async function payAll(count) {
  let left = count;
  const lane = async () => {
    while (left > 0) {
      left -= 1;
      await pay();
    }
  };
  const started = performance.now();
  await Promise.all(Array.from({ length: Number(CONCURRENCY) }, lane));
  return (performance.now() - started) / 1000;
}

process.on('message', async ({ count }) => {
  const before = process.cpuUsage();
  const seconds = await payAll(count);
  const cpu = process.cpuUsage(before);
  process.send({ seconds, cpuSeconds: (cpu.user + cpu.system) / 1e6 });
});
process.on('disconnect', () => process.exit(0));
