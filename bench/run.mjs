/**
 * `npm run bench`: measures ours against references on the same database and machine, in turn, and prints ratios:
 * absolute figures depend on the machine and its load. `-- --only execute,expand --runs 3` selects;
 * `--profile <folder>` (an existing one) writes a profile of the program of `execute`, `expand`, `create-payout` or
 * `list-payouts` and the cost of each statement. Results are written to bench/results/<time>.json.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import places from '../scripts/lib/places.cjs';
import { Stage } from './lib/stage.mjs';
import { table } from './lib/table.mjs';

const MEASURES = [
  'expand',
  'execute',
  'deep',
  'workers',
  'stream',
  'create',
  'list',
  'access',
  'create-payout',
  'list-payouts',
];

function options() {
  const { values } = parseArgs({
    options: {
      only: { type: 'string' },
      runs: { type: 'string', default: '5' },
      profile: { type: 'string' },
    },
  });
  const only = values.only?.split(',') ?? MEASURES;
  const unknown = only.filter((name) => !MEASURES.includes(name));
  if (unknown.length || !/^[1-9]\d?$/.test(values.runs))
    throw new Error(`usage: npm run bench -- [--only ${MEASURES.join(',')}] [--runs 5] [--profile folder]`);
  return { only, runs: Number(values.runs), profile: values.profile };
}

function load() {
  return loadavg().map((average) => Number(average.toFixed(2)));
}

async function measure(stage, { only, runs, profile }) {
  const rows = [];
  for (const name of only) {
    const started = performance.now();
    process.stderr.write(`${name} … `);
    const { run } = await import(`./measures/${name}.mjs`);
    const loadBefore = load();
    rows.push(
      ...(await run(stage, { runs, profile })).map((row) => ({ ...row, load: [loadBefore[0], load()[0]] })),
    );
    process.stderr.write(`${Math.round((performance.now() - started) / 1000)} s\n`);
  }
  return rows;
}

async function main() {
  const chosen = options();
  const stage = await Stage.open(chosen);
  for (const signal of ['SIGINT', 'SIGTERM'])
    process.once(signal, () => void stage.close().then(() => process.exit(1)));
  try {
    const machine = {
      processors: cpus().length,
      model: cpus()[0]?.model ?? 'unknown',
      node: process.version,
    };
    const settings = await stage.settings();
    const rows = await measure(stage, chosen);
    process.stdout.write(`\n${table(rows)}\n`);
    process.stdout.write(
      `\n${machine.processors} × ${machine.model}, Node ${machine.node}; PostgreSQL ${Object.entries(settings)
        .map(([name, value]) => `${name}=${value}`)
        .join(' ')}\n`,
    );
    const folder = join(places.PROJECT, 'bench/results');
    mkdirSync(folder, { recursive: true });
    const file = join(folder, `${new Date().toISOString().replaceAll(':', '-').slice(0, 19)}.json`);
    writeFileSync(
      file,
      `${JSON.stringify({ at: new Date().toISOString(), runs: chosen.runs, machine, settings, rows }, null, 2)}\n`,
    );
    process.stdout.write(`${file}\n`);
  } finally {
    await stage.close();
  }
}

await main();
