import type { JournalLine } from '../journal';
import type { KeyEntry } from './idempotency';
import type { Account, Balance, EventObject, PlainObject, Transfer, WebhookEndpoint } from './objects';
import { PLAIN_KINDS, Platform } from './platform';
import type { PlainKind } from './platform';
import type { KeyState, World } from './world';

const isPlainKind = (kind: string): kind is PlainKind => (PLAIN_KINDS as readonly string[]).includes(kind);

function restoreIn(world: World, platform: Platform, kind: string, value: unknown): void {
  if (isPlainKind(kind)) platform.plain[kind].put(value as PlainObject);
  else if (kind === 'account') platform.accounts.put(value as Account);
  else if (kind === 'endpoint') platform.endpoints.put(value as WebhookEndpoint);
  else if (kind === 'event') platform.events.put(value as EventObject);
  else if (kind === 'transfer') world.putTransfer(platform, value as Transfer);
  else if (kind === 'idempotency') platform.idempotency.restore(value as KeyEntry);
  else if (kind === 'balance') {
    const { currency, available, pending } = value as Balance & { currency: string };
    Object.assign(platform.balance(currency), { available, pending });
  } else throw new Error(`the data file has a line of unknown kind "${kind}"`);
}

function restoreLine(world: World, line: JournalLine): void {
  if (line.kind === 'reset') {
    world.platforms.clear();
    world.keys.clear();
    world.effective.length = 0;
    return;
  }
  if (line.kind === 'clock') {
    world.clock.advance((line.value as { ms: number }).ms);
    return;
  }
  if (line.kind === 'platform') {
    const { id, name, createdMs } = line.value as { id: string; name: string; createdMs: number };
    world.platforms.set(id, new Platform(id, name, createdMs));
    return;
  }
  const platform = world.platforms.get(line.platform ?? '');
  if (platform === undefined)
    throw new Error(`the data file names an unknown platform "${String(line.platform)}"`);
  if (line.kind === 'key') {
    const { secretKey, state } = line.value as { secretKey: string; state: KeyState };
    world.keys.set(secretKey, { platform, state });
  } else restoreIn(world, platform, line.kind, line.value);
}

/**
 * Brings back what the journal holds. The call log and the faults begin anew; deliveries that were waiting
 * are not made.
 */
export function restore(world: World): void {
  for (const line of world.journal?.restored ?? []) restoreLine(world, line);
  for (const { transfer } of world.effective) {
    world.stats.transfers += 1;
    world.stats.effects += 1 + transfer.reversals.length;
    world.stats.reversals += transfer.reversals.length;
  }
}
