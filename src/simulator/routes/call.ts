import type { Account } from '../state/objects';
import { pageOf } from '../state/collection';
import type { Collection, Page, Stored } from '../state/collection';
import type { Platform } from '../state/platform';
import type { NewEvent, Simulation } from '../state/simulation';
import { invalidInteger, invalidRequest } from '../wire/failure';
import type { Params } from '../wire/params';

/** One call of Stripe's API, after authentication. */
export interface Call {
  readonly simulation: Simulation;
  readonly platform: Platform;
  readonly path: string;
  readonly params: Params;
  /** The ids in the path, in order. */
  readonly ids: readonly string[];
  readonly requestId: string;
  readonly idempotencyKey: string | null;
  /** The connected account named in Stripe-Account. */
  readonly onBehalfOf: Account | null;
  readonly origin: string;
  /** Lists do not show what is younger. Set by the fault list_lags. */
  lagMs: number;
  /** The object made or changed, for the record of effects. */
  objectId: string | null;
}

export interface Route {
  readonly method: 'GET' | 'POST';
  /** With `:id` for each id. */
  readonly path: string;
  readonly isList?: boolean;
  /** Runs before the idempotency layer: its errors are not stored under the key. */
  check?(call: Call): void;
  /** Runs within the layer: its response, also an error, is stored. Returns JSON. */
  run(call: Call): string;
}

const PAGE_PARAMS = ['limit', 'starting_after', 'ending_before', 'created'];
const pageParams = (...more: string[]): ReadonlySet<string> => new Set([...PAGE_PARAMS, ...more]);

export function checkList(...filters: string[]): (call: Call) => void {
  const allowed = pageParams(...filters);
  return (call) => {
    call.params.allowOnly(allowed);
    const limit = call.params.integer('limit');
    if (limit !== undefined && (limit < 1 || limit > 100))
      throw invalidInteger('limit', `Invalid limit: ${limit}. It must be from 1 to 100.`);
  };
}

function createdRange(call: Call): { from?: number; until?: number } {
  const { params, simulation } = call;
  const exact = params.integer('created');
  if (exact !== undefined) return { from: exact * 1000, until: exact * 1000 + 999 };
  const gte = params.integer('created[gte]');
  const gt = params.integer('created[gt]');
  const lte = params.integer('created[lte]');
  const lt = params.integer('created[lt]');
  const froms = [gte === undefined ? undefined : gte * 1000, gt === undefined ? undefined : (gt + 1) * 1000];
  const untils = [
    lte === undefined ? undefined : lte * 1000 + 999,
    lt === undefined ? undefined : lt * 1000 - 1,
    call.lagMs > 0 ? simulation.clock.nowMs() - call.lagMs : undefined,
  ];
  const defined = (values: (number | undefined)[]): number[] => values.filter((value) => value !== undefined);
  const from = Math.max(...defined(froms));
  const until = Math.min(...defined(untils));
  return { from: from === -Infinity ? undefined : from, until: until === Infinity ? undefined : until };
}

/** A page of `ordered` (default: of the whole collection), as the list parameters say. */
export function listPage<T extends Stored>(
  call: Call,
  collection: Collection<T>,
  ordered: readonly T[] = collection.ordered,
): Page<T> {
  const place = (param: string): number | undefined => {
    const id = call.params.text(param);
    if (id === undefined) return undefined;
    const item = collection.get(id);
    if (item === undefined) throw invalidRequest(`No such object: '${id}'`, 'resource_missing', param);
    return item.position;
  };
  const range = createdRange(call);
  return pageOf(ordered, {
    limit: call.params.integer('limit') ?? 10,
    after: place('starting_after'),
    before: place('ending_before'),
    createdFromMs: range.from,
    createdUntilMs: range.until,
  });
}

export function idOf(call: Call, at = 0): string {
  return call.ids[at] ?? '';
}

export function emitEvent(
  call: Call,
  event: Pick<NewEvent, 'type' | 'objectId' | 'objectJson' | 'account'>,
): void {
  call.simulation.publish(call.platform, {
    ...event,
    requestId: call.requestId,
    idempotencyKey: call.idempotencyKey,
  });
}
