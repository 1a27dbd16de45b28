import type { JournalLine } from '../journal';
import type { KeyEntry } from './idempotency';
import type { Account, Balance, EventObject, PlainObject, Transfer, WebhookEndpoint } from './objects';
import { PLAIN_KINDS, Platform } from './platform';
import type { PlainKind } from './platform';
import type { KeyState, Simulation } from './simulation';

const isPlainKind = (kind: string): kind is PlainKind => (PLAIN_KINDS as readonly string[]).includes(kind);

function restoreIn(simulation: Simulation, platform: Platform, kind: string, value: unknown): void {
  if (isPlainKind(kind)) platform.plain[kind].put(value as PlainObject);
  else if (kind === 'account') platform.accounts.put(value as Account);
  else if (kind === 'endpoint') platform.endpoints.put(value as WebhookEndpoint);
  else if (kind === 'event') platform.events.put(value as EventObject);
  else if (kind === 'transfer') simulation.putTransfer(platform, value as Transfer);
  else if (kind === 'idempotency') platform.idempotency.restore(value as KeyEntry);
  else if (kind === 'balance') {
    const { currency, available, pending } = value as Balance & { currency: string };
    Object.assign(platform.balance(currency), { available, pending });
  } else throw new Error(`the data file has a line of unknown kind "${kind}"`);
}

function restoreLine(simulation: Simulation, line: JournalLine): void {
  if (line.kind === 'reset') {
    simulation.platforms.clear();
    simulation.keys.clear();
    simulation.effective.length = 0;
    return;
  }
  if (line.kind === 'clock') {
    simulation.clock.advance((line.value as { ms: number }).ms);
    return;
  }
  if (line.kind === 'platform') {
    const { id, name, createdMs } = line.value as { id: string; name: string; createdMs: number };
    simulation.platforms.set(id, new Platform(id, name, createdMs));
    return;
  }
  const platform = simulation.platforms.get(line.platform ?? '');
  if (platform === undefined)
    throw new Error(`the data file names an unknown platform "${String(line.platform)}"`);
  if (line.kind === 'key') {
    const { secretKey, state } = line.value as { secretKey: string; state: KeyState };
    simulation.keys.set(secretKey, { platform, state });
  } else restoreIn(simulation, platform, line.kind, line.value);
}

/**
 * Restores what the journal contains. The call log and the faults start empty; deliveries that waited are lost.
 */
export function restore(simulation: Simulation): void {
  for (const line of simulation.journal?.restored ?? []) restoreLine(simulation, line);
  for (const { transfer } of simulation.effective) {
    simulation.stats.transfers += 1;
    simulation.stats.effects += 1 + transfer.reversals.length;
    simulation.stats.reversals += transfer.reversals.length;
  }
}
