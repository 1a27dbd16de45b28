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
import type { FrozenCall } from '../../domain/frozen-call';
import { classifyFailure, type StripeFailure } from './classify-answer';

/** More than one is already a finding; a page of this size shows it without paging. */
const LOOK_UP_LIMIT = 100;
const REVERSALS_PAGE = 100;

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
      const answer = await stripe.client.transfers.create(parametersOf(call), {
        idempotencyKey: call.key,
        apiVersion: call.apiVersion,
      });
      return compared(answer, call);
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
      return found(list, call);
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
      // A key that is refused now may be mended: what is to be read must not be given up meanwhile.
      throw error instanceof RailAccountRefused ? new ProviderUnreachable() : error;
    }
  }

  /** Without a client no byte goes out. */
  private async clientOf(account: ProviderAccount): Promise<{ client: Stripe } | CallOutcome> {
    try {
      return { client: await this.clients.for(account.tenant, account.railAccountId) };
    } catch {
      return {
        kind: 'no_effect',
        reason: 'rail_account_unavailable',
        httpStatus: null,
        providerCode: null,
        providerRequestId: null,
      };
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

/** An answer counts only when it says what was asked. */
function compared(answer: Stripe.Response<Stripe.Transfer>, call: FrozenCall): CallOutcome {
  const told = toldBy(answer);
  const transfer = read(answer);
  if (!transfer || (told.httpStatus ?? 0) >= 300)
    return { ...told, kind: 'unknown', reason: 'stripe_unknown_error', stored: false, soon: false };
  const asked =
    transfer.amountMinor === BigInt(call.amountMinor) &&
    transfer.currency === call.currency &&
    transfer.destination === call.destination;
  if (!asked) return { ...told, kind: 'mismatched', reason: 'answer_differs_from_request', transfer };
  return { ...told, kind: 'succeeded', reason: 'paid', transfer };
}

function found(list: Stripe.Response<Stripe.ApiList<Stripe.Transfer>>, call: LookUp): CallOutcome {
  const told = toldBy(list);
  if (!Array.isArray(list.data) || list.has_more)
    return failedLookUp({
      ...told,
      kind: 'unknown',
      reason: 'stripe_unknown_error',
      stored: false,
      soon: false,
    });
  const transfers = list.data.map(read);
  const stranger = transfers.find((t) => !t || !isOurs(t, call));
  if (stranger !== undefined)
    return { ...told, kind: 'mismatched', reason: 'look_up_differs', transfer: stranger };
  return {
    ...told,
    kind: 'found',
    reason: transfers.length ? 'look_up_found' : 'look_up_empty',
    transfers: transfers as ProviderTransfer[],
  };
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
  // A wrong key stops the account whatever was asked with it.
  if (outcome.kind === 'misconfigured') return outcome;
  const { httpStatus, providerCode, providerRequestId } = outcome;
  return { kind: 'look_up_failed', reason: outcome.reason, httpStatus, providerCode, providerRequestId };
}

function toldBy(answer: {
  lastResponse?: { statusCode: number; requestId: string };
}): Pick<CallOutcome, 'httpStatus' | 'providerCode' | 'providerRequestId'> {
  return {
    httpStatus: answer.lastResponse?.statusCode ?? null,
    providerCode: null,
    providerRequestId: answer.lastResponse?.requestId ?? null,
  };
}

/** Null for anything that is not a transfer: an empty body, a page of a proxy, a redirect. */
function read(answer: unknown): ProviderTransfer | null {
  const t = answer as Partial<Stripe.Transfer> | null;
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
