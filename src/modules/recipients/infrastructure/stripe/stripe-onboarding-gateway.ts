import { Injectable } from '@nestjs/common';
import Stripe from 'stripe';
import type { TenantId } from '../../../../kernel/ids';
import { readAtStripe, STRIPE_API_VERSION, StripeClients } from '../../../connections';
import {
  type OnboardingAddresses,
  OnboardingGateway,
  type OnboardingLink,
  type OpenedAccount,
} from '../../application/ports';
import type { AccountOpening, OpeningOutcome } from '../../domain/account-opening';
import { AccountNotFound, OnboardingRefused } from '../../domain/errors';
import { stateOf } from './account-state';

type Outcome = OpeningOutcome<OpenedAccount>;
type Failure = Partial<Pick<Stripe.errors.StripeError, 'statusCode' | 'code' | 'requestId' | 'type'>>;

const PAGE = 100;
/** 10,000 accounts since the first call: a look-up that has not come to the end by then says nothing. */
const PAGES_MAX = 100;
/** How far the clocks of Stripe and of the database may differ. */
const CLOCKS_APART_S = 3_600;

@Injectable()
export class StripeOnboardingGateway extends OnboardingGateway {
  readonly apiVersion = STRIPE_API_VERSION;

  constructor(private readonly clients: StripeClients) {
    super();
  }

  async create(tenant: TenantId, opening: AccountOpening): Promise<Outcome> {
    const stripe = await this.clientOf(tenant, opening);
    if ('kind' in stripe) return stripe;
    try {
      const account = await stripe.client.accounts.create(parametersOf(opening), {
        idempotencyKey: opening.key,
        apiVersion: opening.apiVersion,
      });
      return isOf(account, opening)
        ? { ...told(account), kind: 'opened', account: stateOf(account) }
        : { ...told(account), kind: 'unknown', reason: 'stripe_unknown_error', stored: false };
    } catch (error) {
      return failureOf(error as Failure);
    }
  }

  /** Stripe finds no accounts by metadata: all that were made since the first call are listed. */
  async lookUp(tenant: TenantId, opening: AccountOpening): Promise<Outcome> {
    const stripe = await this.clientOf(tenant, opening);
    if ('kind' in stripe) return stripe;
    const created = { gte: Math.floor((opening.firstSentAt?.getTime() ?? 0) / 1000) - CLOCKS_APART_S };
    let oldest: Stripe.Account | null = null;
    let after: string | undefined;
    try {
      for (let pages = 0; pages < PAGES_MAX; pages++) {
        const page = await stripe.client.accounts.list({
          created,
          limit: PAGE,
          ...(after && { starting_after: after }),
        });
        if (!Array.isArray(page.data)) break;
        oldest = page.data.findLast((account) => isOf(account, opening)) ?? oldest;
        after = page.data.at(-1)?.id;
        if (!page.has_more || !after)
          return oldest
            ? { ...told(page), kind: 'opened', account: stateOf(oldest) }
            : { ...told(page), kind: 'nothing_found', reason: 'look_up_empty' };
      }
      return {
        kind: 'look_up_failed',
        reason: 'look_up_not_finished',
        providerCode: null,
        providerRequestId: null,
      };
    } catch (error) {
      const failure = failureOf(error as Failure);
      const { reason, providerCode, providerRequestId } = failure;
      return failure.kind === 'misconfigured'
        ? failure
        : { kind: 'look_up_failed', reason, providerCode, providerRequestId };
    }
  }

  async link(
    tenant: TenantId,
    railAccountId: string,
    stripeAccountId: string,
    to: OnboardingAddresses,
  ): Promise<OnboardingLink> {
    const client = await this.clients.for(tenant, railAccountId);
    const asked = {
      account: stripeAccountId,
      refresh_url: to.refreshUrl,
      return_url: to.returnUrl,
      type: 'account_onboarding' as const,
    };
    const link = await readAtStripe('account_link', () => client.accountLinks.create(asked).catch(orRefused));
    if (!link) throw new AccountNotFound();
    return { url: link.url, expiresAt: new Date(link.expires_at * 1000) };
  }

  /**
   * Without a client no byte goes out: what keeps us from having one is our own trouble, and no doubt about
   * Stripe.
   */
  private async clientOf(
    tenant: TenantId,
    { railAccountId }: AccountOpening,
  ): Promise<{ client: Stripe } | Outcome> {
    try {
      return { client: await this.clients.for(tenant, railAccountId) };
    } catch (error) {
      return {
        kind: 'no_effect',
        reason: 'rail_account_unavailable',
        providerCode: null,
        providerRequestId: null,
        error,
      };
    }
  }
}

function parametersOf({ country, type, metadata }: AccountOpening): Stripe.AccountCreateParams {
  return {
    country,
    business_type: type === 'BUSINESS' ? 'company' : 'individual',
    controller: {
      stripe_dashboard: { type: 'express' },
      fees: { payer: 'application' },
      losses: { payments: 'application' },
    },
    capabilities: { transfers: { requested: true } },
    metadata,
  };
}

function isOf(account: Partial<Stripe.Account> | null, { metadata }: AccountOpening): boolean {
  if (account?.object !== 'account' || !account.id?.startsWith('acct_')) return false;
  return Object.entries(metadata).every(([name, value]) => account.metadata?.[name] === value);
}

/**
 * Of a call that was begun. A failure without a status is a doubt, also where nothing can have gone out: the
 * same key is sent again, and a doubt too many costs a look-up. A refusal explains itself only; whether it
 * came from behind the idempotency layer is not asked.
 */
function failureOf({ statusCode: status, code, requestId, type }: Failure): Outcome {
  const rest = { providerCode: code ?? null, providerRequestId: requestId ?? null };
  if (status === 401 || status === 403)
    return { ...rest, kind: 'misconfigured', reason: 'stripe_permission_error' };
  if (status === 429) return { ...rest, kind: 'no_effect', reason: 'stripe_rate_limit' };
  if (!status || status < 400 || status === 409 || status === 424 || status >= 500)
    return {
      ...rest,
      kind: 'unknown',
      reason: status ? 'stripe_server_error' : 'stripe_connection_error',
      stored: status === 500,
    };
  if (code === 'idempotency_error' || type === 'StripeIdempotencyError')
    return { ...rest, kind: 'key_conflict', reason: 'stripe_invalid_request' };
  return { ...rest, kind: 'refused', reason: 'stripe_invalid_request' };
}

function orRefused(error: unknown): never {
  if (!(error instanceof Stripe.errors.StripeError) || error.statusCode !== 400) throw error;
  throw error.code === 'resource_missing' ? new AccountNotFound() : new OnboardingRefused(error.code ?? null);
}

function told(answer: { lastResponse?: { requestId: string } }) {
  return {
    reason: 'answered',
    providerCode: null,
    providerRequestId: answer.lastResponse?.requestId ?? null,
  };
}
