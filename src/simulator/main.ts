import { parseArgs } from 'node:util';
import type { SimulatorOptions } from './options';
import { startSimulator } from './simulator';

const BANNER = `
=====================================================================
   STRIPE SIMULATOR - this is NOT Stripe. No money moves here.
   It serves tests and demonstrations. Ids say "_sim_".
   It rejects live keys (sk_live_, rk_live_) and NODE_ENV=production.
=====================================================================
`;

function wholeNumber(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d{1,9}$/.test(text)) throw new Error(`--${name} must be a whole number, not "${text}"`);
  return Number(text);
}

function readOptions(): SimulatorOptions {
  const { values } = parseArgs({
    options: {
      port: { type: 'string' },
      host: { type: 'string' },
      seed: { type: 'string' },
      data: { type: 'string' },
      'delay-ms': { type: 'string' },
      'log-max': { type: 'string' },
    },
  });
  return {
    port: wholeNumber('port', values.port ?? process.env['SIMULATOR_PORT']) ?? 12111,
    host: values.host,
    seed: values.seed,
    data: values.data ?? process.env['SIMULATOR_DATA'],
    delay_ms: wholeNumber('delay-ms', values['delay-ms']),
    log_max: wholeNumber('log-max', values['log-max']),
  };
}

async function main(): Promise<void> {
  const simulator = await startSimulator(readOptions());
  process.stderr.write(`${BANNER}\n`);
  process.stdout.write(`${JSON.stringify({ simulator_url: simulator.url })}\n`);
  const stop = (): void => {
    void simulator.close().then(() => process.exit(0));
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
}

main().catch((error: unknown) => {
  process.stderr.write(`STRIPE SIMULATOR: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});
