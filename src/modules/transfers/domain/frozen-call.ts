/** What the idempotency key of a generation covers. Every later call copies it; nothing is computed anew. */
export interface FrozenCall {
  readonly key: string;
  readonly amountMinor: string;
  readonly currency: string;
  readonly destination: string;
  readonly transferGroup: string;
  readonly description: string;
  readonly metadata: Record<string, string>;
  readonly apiVersion: string;
}

/** What is frozen of a transfer. */
interface Terms {
  readonly tenantId: string;
  readonly id: string;
  readonly generation: number;
  readonly amountMinor: bigint;
  readonly currency: string;
  readonly settlementId: string | null;
  readonly jobId: string | null;
}

/** Called when a generation begins, and at no other time. */
export function freeze(s: Terms, destination: string, apiVersion: string): FrozenCall {
  const metadata: Record<string, string> = { disburse_tenant: s.tenantId, disburse_transfer: s.id };
  if (s.settlementId) metadata['disburse_settlement'] = s.settlementId;
  if (s.jobId) metadata['disburse_job'] = s.jobId;
  return {
    key: `transfer:${s.id}:g${s.generation}`,
    amountMinor: s.amountMinor.toString(),
    currency: s.currency,
    destination,
    transferGroup: `disburse_${s.id}`,
    description: `Disburse transfer ${s.id}`,
    metadata,
    apiVersion,
  };
}
