import { Injectable } from '@nestjs/common';
import Stripe from 'stripe';
import { isUuid } from '../../../../kernel/ids';
import { EventSignatures } from '../../application/ports';
import type { ProviderEvent } from '../../domain/provider-event';

const TOLERANCE_S = 300;
const ID_MAX = 255;

/** The verification of the Stripe SDK: HMAC over the raw bytes in constant time, at most five minutes old. */
@Injectable()
export class StripeEventSignatures extends EventSignatures {
  verified(raw: Buffer, header: string | undefined, secrets: readonly string[]): ProviderEvent | null {
    if (!header) return null;
    for (const secret of secrets) {
      const event = signedBy(raw, header, secret);
      if (event) return factsOf(event);
    }
    return null;
  }
}

/** The signature proves that it is from Stripe; the format is checked nevertheless. */
interface Signed {
  readonly id?: unknown;
  readonly type?: unknown;
  readonly account?: unknown;
  readonly created?: unknown;
  readonly livemode?: unknown;
  readonly data?: {
    readonly object?: { readonly id?: unknown; readonly metadata?: Record<string, unknown> | null };
  };
}

/** Parses the body, after its signature was verified. */
function signedBy(raw: Buffer, header: string, secret: string): Signed | null {
  try {
    return Stripe.webhooks.constructEvent(raw, header, secret, TOLERANCE_S) as unknown as Signed;
  } catch {
    return null;
  }
}

function factsOf(event: Signed): ProviderEvent | null {
  if (!isText(event.id) || !isText(event.type) || typeof event.created !== 'number') return null;
  const object = event.data?.object;
  const named = object?.metadata?.['disburse_tenant'];
  return {
    id: event.id,
    type: event.type,
    // A balance has no id.
    objectId: isText(object?.id) ? object.id : '',
    account: isText(event.account) ? event.account : null,
    livemode: event.livemode === true,
    createdAt: new Date(event.created * 1000),
    tenantId: isUuid(named) ? named : null,
  };
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.length > 0 && value.length <= ID_MAX;
}
