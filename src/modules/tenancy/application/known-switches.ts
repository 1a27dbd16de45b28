import type { TenantId } from '../../../kernel/ids';
import { Known } from './known';

/**
 * What each tenant had turned on a moment ago. A reading is a transaction of its own here, so that many
 * requests at once share one.
 */
export class KnownSwitches extends Known<ReadonlySet<string>> {
  private readonly readings = new Map<TenantId, Promise<ReadonlySet<string>>>();

  override get(tenant: TenantId, load: () => Promise<ReadonlySet<string>>): Promise<ReadonlySet<string>> {
    const joined = this.readings.get(tenant);
    if (joined) return joined;
    const reading = super.get(tenant, load).finally(() => this.isOver(tenant, reading));
    this.readings.set(tenant, reading);
    return reading;
  }

  override forget(tenant: TenantId): void {
    this.readings.delete(tenant);
    super.forget(tenant);
  }

  private isOver(tenant: TenantId, reading: Promise<unknown>): void {
    if (this.readings.get(tenant) === reading) this.readings.delete(tenant);
  }
}
