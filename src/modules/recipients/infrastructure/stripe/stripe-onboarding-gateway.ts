import { Injectable } from '@nestjs/common';
import Stripe from 'stripe';
import type { TenantId } from '../../../../kernel/ids';
import { readAtStripe, STRIPE_API_VERSION, StripeClients } from '../../../connections';
import { type OnboardingAddresses, OnboardingGateway, type OnboardingLink } from '../../application/ports';
import type { AccountOpening, OpeningOutcome } from '../../domain/account-opening';
import { AccountNotFound, OnboardingRefused } from '../../domain/errors';
import { stateOf } from './account-state';

type Failure = Partial<Pick<Stripe.errors.StripeError, 'statusCode' | 'code' | 'requestId' | 'type'>>;

const NO_RESPONSE = { httpStatus: null, providerCode: null, providerRequestId: null };
const PAGE = 100;
/** 10,000 accounts since the first call; a look-up that is not complete by then proves nothing. */
const PAGES_MAX = 100;
/** How far the clocks of Stripe and of the database may differ. */
const CLOCK_DIFFERENCE_S = 3_600;

@Injectable()
export class StripeOnboardingGateway extends OnboardingGateway {
  readonly apiVersion = STRIPE_API_VERSION;

  constructor(private readonly clients: StripeClients) {
    super();
  }

  async create(tenant: TenantId, opening: AccountOpening): Promise<OpeningOutcome> {
    const stripe = await this.clientOf(tenant, opening);
    if ('kind' in stripe) return stripe;
    try {
      const account = await stripe.client.accounts.create(parametersOf(opening), {
        idempotencyKey: opening.key,
        apiVersion: opening.apiVersion,
      });
      return isOf(account, opening)
        ? { ...responseOf(account), kind: 'succeeded', created: stateOf(account) }
        : {
            ...responseOf(account),
            kind: 'unknown',
            reason: 'stripe_unknown_error',
            stored: false,
            soon: false,
          };
    } catch (error) {
      return failureOf(error as Failure);
    }
  }

  /** Stripe cannot search accounts by metadata, so all accounts created since the first call are listed. */
  async lookUp(tenant: TenantId, opening: AccountOpening): Promise<OpeningOutcome> {
    const stripe = await this.clientOf(tenant, opening);
    if ('kind' in stripe) return stripe;
    const created = { gte: Math.floor((opening.firstSentAt?.getTime() ?? 0) / 1000) - CLOCK_DIFFERENCE_S };
    const found: Stripe.Account[] = [];
    let after: string | undefined;
    try {
      for (let pages = 0; pages < PAGES_MAX; pages++) {
        const page = await stripe.client.accounts.list({
          created,
          limit: PAGE,
          ...(after && { starting_after: after }),
        });
        if (!Array.isArray(page.data)) break;
        found.push(...page.data.filter((account) => isOf(account, opening)));
        after = page.data.at(-1)?.id;
        if (!page.has_more || !after) return { ...responseOf(page), ...foundOf(found) };
      }
      return { ...NO_RESPONSE, kind: 'look_up_failed', reason: 'look_up_not_finished' };
    } catch (error) {
      const failure = failureOf(error as Failure);
      const { reason, httpStatus, providerCode, providerRequestId } = failure;
      return failure.kind === 'misconfigured'
        ? failure
        : { kind: 'look_up_failed', reason, httpStatus, providerCode, providerRequestId };
    }
  }

  async link(
    tenant: TenantId,
    railAccountId: string,
    stripeAccountId: string,
    to: OnboardingAddresses,
  ): Promise<OnboardingLink> {
    const client = await this.clients.for(tenant, railAccountId);
    const parameters = {
      account: stripeAccountId,
      refresh_url: to.refreshUrl,
      return_url: to.returnUrl,
      type: 'account_onboarding' as const,
    };
    const link = await readAtStripe('account_link', () =>
      client.accountLinks.create(parameters).catch(throwDomainError),
    );
    if (!link) throw new AccountNotFound();
    return { url: link.url, expiresAt: new Date(link.expires_at * 1000) };
  }

  /** Without a client nothing is sent, so an error of our own leaves no ambiguity. */
  private async clientOf(
    tenant: TenantId,
    { railAccountId }: AccountOpening,
  ): Promise<{ client: Stripe } | OpeningOutcome> {
    try {
      return { client: await this.clients.for(tenant, railAccountId) };
    } catch (error) {
      return { ...NO_RESPONSE, kind: 'no_effect', reason: 'rail_account_unavailable', error };
    }
  }
}

/** Stripe lists the newest account first. */
function foundOf(accounts: readonly Stripe.Account[]) {
  const found = accounts.map(stateOf).reverse();
  return { kind: 'found' as const, reason: found.length ? 'look_up_found' : 'look_up_empty', found };
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
 * A failure without a status is ambiguous, also a refused connection: the key is sent again anyway, and an
 * ambiguity too many costs one look-up. A permanent refusal counts as `rejected`, because we do not check
 * whether it came from behind the idempotency layer.
 */
function failureOf({ statusCode: status, code, requestId, type }: Failure): OpeningOutcome {
  const rest = {
    httpStatus: status ?? null,
    providerCode: code ?? null,
    providerRequestId: requestId ?? null,
  };
  if (status === 401 || status === 403)
    return { ...rest, kind: 'misconfigured', reason: 'stripe_permission_error' };
  if (status === 429) return { ...rest, kind: 'no_effect', reason: 'stripe_rate_limit' };
  if (!status || status < 400 || status === 409 || status === 424 || status >= 500)
    return {
      ...rest,
      kind: 'unknown',
      reason: status ? 'stripe_server_error' : 'stripe_connection_error',
      stored: status === 500,
      soon: false,
    };
  if (code === 'idempotency_error' || type === 'StripeIdempotencyError')
    return { ...rest, kind: 'key_conflict', reason: 'stripe_invalid_request' };
  return { ...rest, kind: 'rejected', reason: 'stripe_invalid_request' };
}

function throwDomainError(error: unknown): never {
  if (!(error instanceof Stripe.errors.StripeError) || error.statusCode !== 400) throw error;
  throw error.code === 'resource_missing' ? new AccountNotFound() : new OnboardingRefused(error.code ?? null);
}

function responseOf(response: { lastResponse?: { statusCode: number; requestId: string } }) {
  return {
    reason: 'succeeded',
    httpStatus: response.lastResponse?.statusCode ?? null,
    providerCode: null,
    providerRequestId: response.lastResponse?.requestId ?? null,
  };
}
