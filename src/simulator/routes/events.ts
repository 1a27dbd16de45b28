import { randomBytes } from 'node:crypto';
import type { WebhookEndpoint } from '../state/objects';
import type { Platform } from '../state/platform';
import type { Simulation } from '../state/simulation';
import { invalidRequest, missing, parameterMissing } from '../wire/failure';
import { readMetadata } from '../wire/metadata';
import { balanceJson, endpointJson, eventJson, listJson } from '../wire/render';
import { checkList, idOf, listPage } from './call';
import type { Call, Route } from './call';

export interface NewEndpoint {
  readonly url: string;
  readonly events: readonly string[];
  readonly connect: boolean | 'both';
  readonly secret?: string;
  readonly metadata?: Record<string, string>;
}

/**
 * The secret is random unless given: it must not be guessable, or forged events would be accepted.
 */
export function addEndpoint(simulation: Simulation, platform: Platform, given: NewEndpoint): WebhookEndpoint {
  const isTaken = (suffix: string): boolean => platform.endpoints.get(`we_sim_${suffix}`) !== undefined;
  const endpoint: WebhookEndpoint = {
    id: `we_sim_${platform.suffix(given.url, isTaken)}`,
    createdMs: simulation.clock.nowMs(),
    position: 0,
    url: given.url,
    secret: given.secret ?? `whsec_sim_${randomBytes(24).toString('hex')}`,
    events: given.events,
    connect: given.connect,
    metadata: given.metadata ?? {},
  };
  platform.endpoints.put(endpoint);
  simulation.persist('endpoint', platform, endpoint);
  return endpoint;
}

/** Announces that the available balance rose. */
export function emitFundsAvailable(simulation: Simulation, platform: Platform, requestId?: string): void {
  simulation.publish(platform, {
    type: 'balance.available',
    objectId: 'balance',
    objectJson: balanceJson(platform.balances),
    requestId,
  });
}

function checkEndpoint({ params }: Call): void {
  const url = params.requiredText('url');
  if (!URL.canParse(url)) throw invalidRequest('Invalid URL: it must be a valid URL.', 'url_invalid', 'url');
  if (params.list('enabled_events').length === 0) throw parameterMissing('enabled_events');
}

function createEndpoint(call: Call): string {
  const endpoint = addEndpoint(call.simulation, call.platform, {
    url: call.params.requiredText('url'),
    events: call.params.list('enabled_events'),
    connect: call.params.flag('connect') ?? false,
    metadata: readMetadata(call.params),
  });
  call.objectId = endpoint.id;
  return endpointJson(endpoint, true);
}

function listEndpoints(call: Call): string {
  const page = listPage(call, call.platform.endpoints);
  return listJson(
    '/v1/webhook_endpoints',
    page.items.map((endpoint) => endpointJson(endpoint, false)),
    page.hasMore,
  );
}

function listEvents(call: Call): string {
  const { params, platform } = call;
  const type = params.text('type');
  const types = params.list('types');
  const wanted = type === undefined ? types : [type];
  // Walked as a whole when filtered: nothing of the money path lists events by type.
  const fits = (name: string): boolean =>
    wanted.some((want) => want === name || (want.endsWith('*') && name.startsWith(want.slice(0, -1))));
  const ordered =
    wanted.length === 0
      ? platform.events.ordered
      : platform.events.ordered.filter((event) => fits(event.type));
  const page = listPage(call, platform.events, ordered);
  return listJson('/v1/events', page.items.map(eventJson), page.hasMore);
}

function retrieveEvent(call: Call): string {
  const event = call.platform.events.get(idOf(call));
  if (event === undefined) throw missing('event', idOf(call));
  return eventJson(event);
}

export const EVENT_ROUTES: readonly Route[] = [
  {
    method: 'GET',
    path: '/v1/events',
    isList: true,
    check: checkList('type', 'types', 'delivery_success'),
    run: listEvents,
  },
  { method: 'GET', path: '/v1/events/:id', run: retrieveEvent },
  { method: 'POST', path: '/v1/webhook_endpoints', check: checkEndpoint, run: createEndpoint },
  { method: 'GET', path: '/v1/webhook_endpoints', isList: true, check: checkList(), run: listEndpoints },
];
