import type { Reversal } from '../state/objects';
import { invalidRequest, missing } from '../wire/failure';
import { readMetadata } from '../wire/metadata';
import { listJson, reversalJson } from '../wire/render';
import { checkList, idOf } from './call';
import type { Call, Route } from './call';
import { storeAndEmit, transferOf } from './transfers';

const CREATE_PARAMS = new Set(['amount', 'description', 'metadata', 'refund_application_fee']);

function checkCreate({ params }: Call): void {
  params.allowOnly(CREATE_PARAMS);
  const amount = params.integer('amount');
  if (amount !== undefined && amount < 1)
    throw invalidRequest(
      'This value must be greater than or equal to 1.',
      'parameter_invalid_integer',
      'amount',
    );
  readMetadata(params);
}

/** Whole or part; what was sent comes back to the platform's available balance. */
function create(call: Call): string {
  const { params, platform, simulation } = call;
  const transfer = transferOf(call);
  const left = transfer.amount - transfer.amountReversed;
  if (left === 0)
    throw invalidRequest(`Transfer ${transfer.id} has already been reversed.`, 'transfer_already_reversed');
  const amount = params.integer('amount') ?? left;
  if (amount > left)
    throw invalidRequest(
      `Reversal amount (${amount}) is greater than unreversed amount on transfer (${left}).`,
      'amount_too_large',
      'amount',
    );
  const isTaken = (suffix: string): boolean =>
    transfer.reversals.some((other) => other.id === `trr_sim_${suffix}`);
  const reversal: Reversal = {
    id: `trr_sim_${platform.suffix(call.idempotencyKey ?? `${transfer.id}|reversal`, isTaken)}`,
    amount,
    createdMs: simulation.clock.nowMs(),
    metadata: readMetadata(params),
  };
  transfer.reversals = [...transfer.reversals, reversal];
  transfer.amountReversed += amount;
  simulation.changeBalance(platform, transfer.currency, { available: amount });
  simulation.stats.reversals += 1;
  storeAndEmit(call, transfer, 'transfer.reversed');
  call.objectId = reversal.id;
  return reversalJson(transfer, reversal);
}

function retrieve(call: Call): string {
  const transfer = transferOf(call);
  const reversal = transfer.reversals.find((other) => other.id === idOf(call, 1));
  if (reversal === undefined) throw missing('transfer reversal', idOf(call, 1));
  return reversalJson(transfer, reversal);
}

/** A transfer has few reversals, so its list is walked as it is. */
function list(call: Call): string {
  const transfer = transferOf(call);
  const newestFirst = [...transfer.reversals].reverse();
  const after = call.params.text('starting_after');
  const start = after === undefined ? 0 : newestFirst.findIndex((reversal) => reversal.id === after) + 1;
  const limit = call.params.integer('limit') ?? 10;
  const page = newestFirst.slice(start, start + limit).map((reversal) => reversalJson(transfer, reversal));
  return listJson(call.path, page, start + limit < newestFirst.length);
}

export const REVERSAL_ROUTES: readonly Route[] = [
  { method: 'POST', path: '/v1/transfers/:id/reversals', check: checkCreate, run: create },
  { method: 'GET', path: '/v1/transfers/:id/reversals', isList: true, check: checkList(), run: list },
  { method: 'GET', path: '/v1/transfers/:id/reversals/:id', run: retrieve },
];
