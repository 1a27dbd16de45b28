import type { TenantId } from '../../kernel/ids';
import type { Principal } from '../../kernel/principal';
import type { PendingWrite, Tx } from '../../kernel/tx';
import { pendingWrite, sql } from '../database';
import { insertResponses, type KeyUse, keysInUse } from './idempotency-keys.sql';
import { IdempotentResponse, type RouteResponse } from './response';

/** A request with an idempotency key, for code that runs several of them in one transaction. */
export class KeyedRequest {
  readonly tenant: TenantId;
  readonly accessEpoch: string;

  constructor(
    readonly use: KeyUse,
    { tenantId, accessEpoch }: Principal,
    /** Plans and commits this request in a transaction of its own. */
    readonly executeAlone: (lockTimeoutMs: number) => Promise<IdempotentResponse>,
  ) {
    this.tenant = tenantId;
    this.accessEpoch = accessEpoch;
  }

  respond(response: RouteResponse): IdempotentResponse {
    return IdempotentResponse.first(response, this.use.fingerprint);
  }
}

/** Stores responses under their keys. Must commit together with the effects. */
export function storeResponses(
  responses: readonly { readonly use: KeyUse; readonly response: IdempotentResponse }[],
): PendingWrite {
  return pendingWrite(insertResponses, responses);
}

/** Returns the keys of these requests that already have a response. */
export async function keysWithResponse(
  tx: Tx,
  tenant: TenantId,
  requests: readonly KeyedRequest[],
): Promise<ReadonlySet<string>> {
  const keys = requests.map(({ use }) => use.key);
  return new Set((await sql(tx).rows(keysInUse(tenant, keys))).map(({ key }) => key));
}
