import { alternated, median } from '../lib/numbers.mjs';
import { PayoutsPair, timesPeer } from '../lib/payouts.mjs';
import { Profile } from '../lib/profile.mjs';

const SECONDS = 4;

export const bars = { bar: 0.5, goal: 0.8 };

/** API key, limits, validation, settings, recipient, idempotency, ledger entry, outbox and audit, against the same rows in one bare statement. */
export async function run(stage, { runs, profile: folder }) {
  const profile = new Profile(folder, 'create-payout');
  const pair = await PayoutsPair.make(stage, profile);
  const micros = { program: [], server: [] };
  const ours = async () => {
    const before = { program: pair.program.cpuSeconds(), server: stage.serverCpuSeconds() };
    const perSecond = await pair.create(SECONDS);
    const count = perSecond * SECONDS;
    micros.program.push(((pair.program.cpuSeconds() - before.program) * 1e6) / count);
    micros.server.push(((stage.serverCpuSeconds() - before.server) * 1e6) / count);
    return perSecond;
  };
  const reference = () => pair.bareCreate(SECONDS);
  for (const warm of [ours, reference, () => pair.bareInsert(SECONDS)]) await warm();
  await stage.checkpoint();
  const result = await profile.of(pair.world, () => alternated(runs, ours, reference));
  const peer = await alternated(runs, ours, () => pair.bareInsert(SECONDS));
  await pair.close();
  const notes = [`processor time per payout: program ${Math.round(median(micros.program))} µs, PostgreSQL ${Math.round(median(micros.server))} µs`];
  return [
    { measure: 'create-payout', title: 'POST /payouts, 50 connections', against: 'bare Fastify + pg, the same rows in one statement', unit: 'requests/s', ...bars, ...result, notes },
    { measure: 'create-payout-peer', title: 'POST /payouts, scale: a bare insert of one row', against: 'a Django peer, as times its creates', unit: 'requests/s', ...peer, bar: 5, goal: 8, ratio: timesPeer('creates', peer.ratio) },
  ];
}
