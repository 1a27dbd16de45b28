import type { Actor } from '../../kernel/actor';
import type { TenantId } from '../../kernel/ids';
import type { Tx } from '../../kernel/tx';

/**
 * One action on one entity. Snapshots are JSON; money and ids are text.
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
 * Who did what, when and from where. Written in the transaction of the action, so that neither exists without
 * the other, and never changed afterwards. A field that is named like a secret is stored as `[redacted]`.
 */
export abstract class AuditTrail {
  abstract record(tx: Tx, actor: Actor, ...records: AuditRecord[]): Promise<void>;
  /**
   * For a tenant, in a transaction of the system: a change of a user is recorded in each of their tenants.
   */
  abstract recordIn(tx: Tx, tenant: TenantId, actor: Actor, ...records: AuditRecord[]): Promise<void>;
}
