import type { Actor } from '../../kernel/actor';
import type { TenantId } from '../../kernel/ids';
import type { Tx } from '../../kernel/tx';

/**
 * One thing that somebody did to one entity. Snapshots hold what is written out in JSON; money and ids as
 * text.
 */
export interface AuditRecord {
  /** `entity.past_participle`: `api_key.revoked`. */
  readonly action: string;
  readonly entity: { readonly kind: string; readonly id: string };
  readonly before?: Readonly<Record<string, unknown>>;
  readonly after?: Readonly<Record<string, unknown>>;
}

/** Records on their way with something else. */
export interface Audited {
  readonly actor: Actor;
  readonly records: readonly AuditRecord[];
}

/**
 * Who did what, when and from where. Written in the transaction of what was done, so that neither is there
 * without the other; never changed afterwards. Whatever is named like a secret is kept as `[redacted]`: that
 * it changed is told, what it was is not.
 */
export abstract class AuditTrail {
  abstract record(tx: Tx, actor: Actor, ...records: AuditRecord[]): Promise<void>;
  /**
   * Of a person, in a transaction of the system: it ends what they have in all of their tenants, and tells
   * each of them with it.
   */
  abstract recordIn(tx: Tx, tenant: TenantId, actor: Actor, ...records: AuditRecord[]): Promise<void>;
}
