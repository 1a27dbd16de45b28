import { Injectable } from '@nestjs/common';
import type Stripe from 'stripe';
import {
  ProviderUnreachable,
  RailAccountRefused,
  readAtStripe,
  STRIPE_API_VERSION,
  StripeClients,
} from '../../../connections';
import {
  type LookUp,
  type ProviderAccount,
  type ProviderTransferDetail,
  TransferGateway,
} from '../../application/ports';
import type { CallOutcome, ProviderTransfer } from '../../domain/call-outcome';
import type { FrozenCall } from '../../domain/transfer-snapshot';
import { classifyFailure, type StripeFailure } from './classify-failure';

/** Two results need an operator already, so one page is enough. */
const LOOK_UP_LIMIT = 100;
const REVERSALS_PAGE = 100;
const NO_RESPONSE = { httpStatus: null, providerCode: null, providerRequestId: null };

@Injectable()
export class StripeTransferGateway extends TransferGateway {
  readonly apiVersion = STRIPE_API_VERSION;

  constructor(private readonly clients: StripeClients) {
    super();
  }

  async send(account: ProviderAccount, call: FrozenCall): Promise<CallOutcome> {
    const stripe = await this.clientOf(account);
    if ('kind' in stripe) return stripe;
    try {
      const response = await stripe.client.transfers.create(parametersOf(call), {
        idempotencyKey: call.key,
        apiVersion: call.apiVersion,
      });
      return compare(response, call);
    } catch (error) {
      return classifyFailure(error as StripeFailure);
    }
  }

  async lookUp(account: ProviderAccount, call: LookUp): Promise<CallOutcome> {
    const stripe = await this.clientOf(account);
    if ('kind' in stripe) return failedLookUp(stripe);
    try {
      const list = await stripe.client.transfers.list({
        transfer_group: call.transferGroup,
        limit: LOOK_UP_LIMIT,
      });
      return compareList(list, call);
    } catch (error) {
      return failedLookUp(classifyFailure(error as StripeFailure));
    }
  }

  async read(account: ProviderAccount, providerTransferId: string): Promise<ProviderTransferDetail | null> {
    const stripe = await this.clients.for(account.tenant, account.railAccountId);
    try {
      const transfer = read(
        await readAtStripe('transfer', () => stripe.transfers.retrieve(providerTransferId)),
      );
      return transfer && { transfer, reversals: await reversalsOf(stripe, providerTransferId) };
    } catch (error) {
      // The key may be corrected, so the event must be tried again instead of being dropped.
      throw error instanceof RailAccountRefused ? new ProviderUnreachable() : error;
    }
  }

  /** Without a client nothing is sent. */
  private async clientOf(account: ProviderAccount): Promise<{ client: Stripe } | CallOutcome> {
    try {
      return { client: await this.clients.for(account.tenant, account.railAccountId) };
    } catch {
      return { ...NO_RESPONSE, kind: 'no_effect', reason: 'rail_account_unavailable' };
    }
  }
}

async function reversalsOf(
  stripe: Stripe,
  providerTransferId: string,
): Promise<ProviderTransferDetail['reversals']> {
  const found: Stripe.TransferReversal[] = [];
  for (let hasMore = true; hasMore;) {
    const after = found.at(-1)?.id;
    const page = await readAtStripe('list', () =>
      stripe.transfers.listReversals(providerTransferId, {
        limit: REVERSALS_PAGE,
        ...(after && { starting_after: after }),
      }),
    );
    found.push(...(page?.data ?? []));
    hasMore = page?.has_more === true && page.data.length > 0;
  }
  return found.map((reversal) => ({ id: reversal.id, amountMinor: BigInt(reversal.amount) }));
}

function parametersOf(call: FrozenCall): Stripe.TransferCreateParams {
  return {
    // At most 9,999,999,999,999, far below 2^53: exact.
    amount: Number(call.amountMinor),
    currency: call.currency.toLowerCase(),
    destination: call.destination,
    transfer_group: call.transferGroup,
    description: call.description,
    metadata: call.metadata,
  };
}

/** A response is a success only when it describes the transfer that was requested. */
function compare(response: Stripe.Response<Stripe.Transfer>, call: FrozenCall): CallOutcome {
  const details = detailsOf(response);
  const transfer = read(response);
  if (!transfer || (details.httpStatus ?? 0) >= 300) return unreadable(details);
  const matches =
    transfer.amountMinor === BigInt(call.amountMinor) &&
    transfer.currency === call.currency &&
    transfer.destination === call.destination;
  if (!matches)
    return { ...details, kind: 'mismatched', reason: 'answer_differs_from_request', created: transfer };
  return { ...details, kind: 'succeeded', reason: 'paid', created: transfer };
}

function compareList(list: Stripe.Response<Stripe.ApiList<Stripe.Transfer>>, call: LookUp): CallOutcome {
  const details = detailsOf(list);
  if (!Array.isArray(list.data) || list.has_more) return failedLookUp(unreadable(details));
  const transfers = list.data.map(read);
  const other = transfers.find((t) => !t || !isOurs(t, call));
  if (other !== undefined)
    return { ...details, kind: 'mismatched', reason: 'look_up_differs', created: other };
  return {
    ...details,
    kind: 'found',
    reason: transfers.length ? 'look_up_found' : 'look_up_empty',
    found: transfers as ProviderTransfer[],
  };
}

function unreadable(details: Details): CallOutcome {
  return { ...details, kind: 'unknown', reason: 'stripe_unknown_error', stored: false, soon: false };
}

function isOurs(t: ProviderTransfer, call: LookUp): boolean {
  return (
    t.transferId === call.transferId &&
    t.amountMinor === call.amountMinor &&
    t.currency === call.currency &&
    call.destinations.includes(t.destination)
  );
}

function failedLookUp(outcome: CallOutcome): CallOutcome {
  // A wrong API key stops the account, whatever call was made with it.
  if (outcome.kind === 'misconfigured') return outcome;
  const { httpStatus, providerCode, providerRequestId } = outcome;
  return { kind: 'look_up_failed', reason: outcome.reason, httpStatus, providerCode, providerRequestId };
}

type Details = Pick<CallOutcome, 'httpStatus' | 'providerCode' | 'providerRequestId'>;

function detailsOf(response: { lastResponse?: { statusCode: number; requestId: string } }): Details {
  return {
    httpStatus: response.lastResponse?.statusCode ?? null,
    providerCode: null,
    providerRequestId: response.lastResponse?.requestId ?? null,
  };
}

/** Null for anything that is not a transfer: an empty body, a page of a proxy, a redirect. */
function read(response: unknown): ProviderTransfer | null {
  const t = response as Partial<Stripe.Transfer> | null;
  if (
    typeof t?.id !== 'string' ||
    !t.id.startsWith('tr_') ||
    !Number.isSafeInteger(t.amount) ||
    typeof t.currency !== 'string'
  )
    return null;
  const destination = idOf(t.destination);
  if (!destination) return null;
  return {
    id: t.id,
    amountMinor: BigInt(t.amount as number),
    currency: t.currency.toUpperCase(),
    destination,
    transferId: t.metadata?.['disburse_transfer'] ?? null,
    balanceTransactionId: idOf(t.balance_transaction),
    destinationPaymentId: idOf(t.destination_payment),
  };
}

function idOf(reference: string | { id: string } | null | undefined): string | null {
  return typeof reference === 'string' ? reference : (reference?.id ?? null);
}
