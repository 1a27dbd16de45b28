import { Injectable } from '@nestjs/common';
import { isUuid, tenantIdOf } from '../../../kernel/ids';
import { WakeUps } from '../../../platform/queue';
import type { DueAccount } from './ports';

export const TRANSFERS_QUEUE = 'transfers';

/** A wake-up carries ids only, so a forged or stale one costs one query and nothing else. */
@Injectable()
export class TransferWakeUps {
  constructor(private readonly wakeUps: WakeUps) {}

  wake({ tenant, railAccountId }: DueAccount): void {
    this.wakeUps.wake(TRANSFERS_QUEUE, `${tenant}/${railAccountId}`);
  }

  /** False while the queue's server is unreachable. */
  get connected(): boolean {
    return this.wakeUps.status().connected;
  }

  /** When the queue of this process last delivered something. */
  lastDeliveryAt(): Date | null {
    return this.wakeUps.lastDeliveryAt(TRANSFERS_QUEUE);
  }
}

/** Null for a key of another form. */
export function accountOf(key: string): DueAccount | null {
  const [tenant, railAccountId, ...rest] = key.split('/');
  return rest.length === 0 && isUuid(tenant) && isUuid(railAccountId)
    ? { tenant: tenantIdOf(tenant), railAccountId }
    : null;
}
