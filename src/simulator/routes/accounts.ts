import type { Account } from '../state/objects';
import type { Platform } from '../state/platform';
import type { Simulation } from '../state/simulation';
import { idSuffix } from '../wire/hash';
import { forbidden, invalidRequest } from '../wire/failure';
import { mergeMetadata, readMetadata } from '../wire/metadata';
import { balanceJson, listJson, seconds } from '../wire/render';
import { accountJson, platformJson } from '../wire/render-accounts';
import { checkList, idOf, listPage } from './call';
import type { Call, Route } from './call';

const TYPES: ReadonlySet<string> = new Set(['express', 'custom', 'standard']);
const LINK_LIVES_MS = 5 * 60 * 1000;

/** What a new account has unless said otherwise: a recipient that was never onboarded. */
export function newAccount(id: string, createdMs: number, given: Partial<Account> = {}): Account {
  const isActive = given.transfers === 'active';
  return {
    type: 'express',
    country: 'US',
    defaultCurrency: 'usd',
    email: null,
    metadata: {},
    transfers: 'inactive',
    chargesEnabled: false,
    payoutsEnabled: isActive,
    detailsSubmitted: isActive,
    ...given,
    id,
    createdMs,
    position: 0,
  };
}

export function changeAccount(
  simulation: Simulation,
  platform: Platform,
  account: Account,
  requestId?: string,
): string {
  platform.accounts.put(account);
  simulation.persist('account', platform, account);
  const json = accountJson(account);
  simulation.publish(platform, {
    type: 'account.updated',
    objectId: account.id,
    objectJson: json,
    account: account.id,
    requestId,
  });
  return json;
}

export function accountOf(call: Call): Account {
  const id = idOf(call);
  const account = call.platform.accounts.get(id);
  if (account !== undefined) return account;
  throw forbidden(
    `The provided key does not have access to account '${id}' (or that account does not exist). ` +
      'Application access may have been revoked.',
    'account_invalid',
  );
}

function accountType(call: Call): Account['type'] {
  const type = call.params.text('type');
  if (type !== undefined) {
    if (!TYPES.has(type))
      throw invalidRequest(`Invalid type: must be one of standard, express, custom`, undefined, 'type');
    return type as Account['type'];
  }
  const dashboard = call.params.text('controller[stripe_dashboard][type]');
  return dashboard === 'none' ? 'custom' : dashboard === 'express' ? 'express' : 'standard';
}

function create(call: Call): string {
  const { params, platform, simulation } = call;
  const suffix = platform.suffix(
    call.idempotencyKey,
    (taken) => platform.accounts.get(`acct_sim_${taken}`) !== undefined,
  );
  const account = newAccount(`acct_sim_${suffix}`, simulation.clock.nowMs(), {
    type: accountType(call),
    country: params.text('country') ?? 'US',
    defaultCurrency: params.text('default_currency') ?? 'usd',
    email: params.text('email') ?? null,
    metadata: readMetadata(params),
    transfers:
      params.flag('capabilities[transfers][requested]') === true
        ? (simulation.options.new_account_capability ?? 'inactive')
        : undefined,
  });
  call.objectId = account.id;
  return changeAccount(simulation, platform, account, call.requestId);
}

function update(call: Call): string {
  const account = accountOf(call);
  call.objectId = account.id;
  const requested = call.params.flag('capabilities[transfers][requested]') === true;
  return changeAccount(
    call.simulation,
    call.platform,
    {
      ...account,
      email: call.params.text('email') ?? account.email,
      metadata: mergeMetadata(account.metadata, call.params),
      transfers:
        account.transfers ??
        (requested ? (call.simulation.options.new_account_capability ?? 'inactive') : undefined),
    },
    call.requestId,
  );
}

/**
 * The address works once; after that, and when it is old, it leads to the refresh address, as Stripe's do.
 */
function createLink(call: Call): string {
  const { params, platform, simulation } = call;
  const id = params.requiredText('account');
  if (platform.accounts.get(id) === undefined)
    throw invalidRequest(`No such account: '${id}'`, 'resource_missing', 'account');
  const token = idSuffix(`${call.requestId}|${id}`);
  const now = simulation.clock.nowMs();
  const expiresMs = now + LINK_LIVES_MS;
  const link = {
    platform: platform.id,
    account: id,
    refreshUrl: params.requiredText('refresh_url'),
    returnUrl: params.requiredText('return_url'),
    expiresMs,
  };
  simulation.links.set(token, link);
  call.objectId = id;
  return JSON.stringify({
    object: 'account_link',
    created: seconds(now),
    expires_at: seconds(expiresMs),
    url: `${call.origin}/_sim/onboarding/${token}`,
  });
}

function checkLink({ params }: Call): void {
  params.allowOnly(
    new Set(['account', 'refresh_url', 'return_url', 'type', 'collect', 'collection_options']),
  );
  for (const name of ['account', 'refresh_url', 'return_url', 'type']) params.requiredText(name);
}

function list(call: Call): string {
  const page = listPage(call, call.platform.accounts);
  return listJson('/v1/accounts', page.items.map(accountJson), page.hasMore);
}

export const ACCOUNT_ROUTES: readonly Route[] = [
  {
    method: 'GET',
    path: '/v1/account',
    run: (call) => (call.onBehalfOf === null ? platformJson(call.platform) : accountJson(call.onBehalfOf)),
  },
  { method: 'POST', path: '/v1/accounts', check: ({ params }) => void readMetadata(params), run: create },
  { method: 'GET', path: '/v1/accounts', isList: true, check: checkList(), run: list },
  {
    method: 'GET',
    path: '/v1/accounts/:id',
    run: (call) =>
      idOf(call) === call.platform.id ? platformJson(call.platform) : accountJson(accountOf(call)),
  },
  { method: 'POST', path: '/v1/accounts/:id', check: ({ params }) => void readMetadata(params), run: update },
  { method: 'POST', path: '/v1/account_links', check: checkLink, run: createLink },
  {
    method: 'GET',
    path: '/v1/balance',
    run: (call) => balanceJson(call.onBehalfOf === null ? call.platform.balances : new Map()),
  },
];
