import { alternated } from '../lib/numbers.mjs';
import { PayoutsPair, timesPeer } from '../lib/payouts.mjs';
import { Profile } from '../lib/profile.mjs';

const SECONDS = 4;

export const bars = { bar: 0.5, goal: 0.8 };

/**
 * API key, limits, validation, settings, recipient, idempotency, ledger entry, outbox and audit, against the
 * same rows in one bare statement.
 */
export async function run(stage, { runs, profile: folder }) {
  const profile = new Profile(folder, 'create-payout');
  const pair = await PayoutsPair.make(stage, profile);
  const ours = pair.metered('ours', pair.program, (seconds) => pair.create(seconds), SECONDS);
  const reference = pair.metered('bare', pair.bare, (seconds) => pair.bareCreate(seconds), SECONDS);
  for (const warm of [ours, reference, () => pair.bareInsert(SECONDS)]) await warm();
  await stage.checkpoint();
  const result = await profile.of(pair.world, () => alternated(runs, ours, reference));
  const peer = await alternated(runs, ours, () => pair.bareInsert(SECONDS));
  await pair.close();
  const notes = [pair.note('ours'), pair.note('bare')];
  return [
    {
      measure: 'create-payout',
      title: 'POST /payouts, 50 connections',
      against: 'bare Fastify + pg, the same rows in one statement',
      unit: 'requests/s',
      ...bars,
      ...result,
      notes,
    },
    {
      measure: 'create-payout-peer',
      title: 'POST /payouts, scale: a bare insert of one row',
      against: 'a Django peer, as times its creates',
      unit: 'requests/s',
      ...peer,
      bar: 5,
      goal: 8,
      ratio: timesPeer('creates', peer.ratio),
    },
  ];
}
