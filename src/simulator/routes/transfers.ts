import type { Account, Transfer } from '../state/objects';
import { invalidRequest, missing } from '../wire/failure';
import { mergeMetadata, readMetadata } from '../wire/metadata';
import { readAmount, readCurrency } from '../wire/money';
import { listJson, transferJson } from '../wire/render';
import { checkList, idOf, listPage, emitEvent } from './call';
import type { Call, Route } from './call';

const CREATE_PARAMS = new Set([
  'amount',
  'currency',
  'description',
  'destination',
  'metadata',
  'source_transaction',
  'source_type',
  'transfer_group',
]);
const UPDATE_PARAMS = new Set(['metadata', 'description']);
const NO_REVERSALS: Transfer['reversals'] = [];

const REFUSAL_MESSAGES = {
  account_closed: 'The account is closed and cannot receive transfers.',
  account_invalid: 'The account that you are transferring to is not valid.',
  no_account: 'No account could be found for the destination.',
  transfers_not_allowed: 'Transfers to this account are not allowed.',
} as const;

export function transferOf(call: Call): Transfer {
  const transfer = call.platform.transfers.get(idOf(call));
  if (transfer === undefined) throw missing('transfer', idOf(call));
  return transfer;
}

function checkCreate({ params }: Call): void {
  params.allowOnly(CREATE_PARAMS);
  readAmount(params, readCurrency(params));
  params.requiredText('destination');
  readMetadata(params);
}

function payable(call: Call): Account {
  const id = call.params.requiredText('destination');
  const account = call.platform.accounts.get(id);
  // An account of another platform gives the same error as one that does not exist.
  if (account === undefined)
    throw invalidRequest(`No such destination: '${id}'`, 'resource_missing', 'destination');
  if (account.refuseWith !== undefined)
    throw invalidRequest(REFUSAL_MESSAGES[account.refuseWith], account.refuseWith, 'destination');
  if (account.transfers !== 'active') {
    throw invalidRequest(
      'Your destination account needs to have at least one of the following capabilities enabled: ' +
        'transfers, crypto_transfers, legacy_payments',
      'insufficient_capabilities_for_transfer',
      'destination',
    );
  }
  return account;
}

function create(call: Call): string {
  const { params, platform, simulation } = call;
  const account = payable(call);
  const currency = readCurrency(params);
  const amount = readAmount(params, currency);
  if (platform.balance(currency).available < amount) {
    throw invalidRequest(
      'You have insufficient available funds in your Stripe account. ' +
        'Try adding funds directly to your available balance by creating a top-up.',
      'balance_insufficient',
    );
  }
  const isTaken = (suffix: string): boolean => platform.transfers.get(`tr_sim_${suffix}`) !== undefined;
  const transfer: Transfer = {
    id: `tr_sim_${platform.suffix(call.idempotencyKey, isTaken)}`,
    createdMs: simulation.clock.nowMs(),
    position: 0,
    amount,
    currency,
    destination: account.id,
    description: params.text('description') ?? null,
    transferGroup: params.text('transfer_group') ?? null,
    sourceTransaction: params.text('source_transaction') ?? null,
    idempotencyKey: call.idempotencyKey,
    metadata: readMetadata(params),
    amountReversed: 0,
    reversals: NO_REVERSALS,
  };
  simulation.putTransfer(platform, transfer);
  simulation.changeBalance(platform, currency, { available: -amount });
  simulation.stats.transfers += 1;
  return storeAndEmit(call, transfer, 'transfer.created');
}

/** Stores a new or changed transfer, sends its event, and returns its JSON. */
export function storeAndEmit(call: Call, transfer: Transfer, event: string): string {
  const json = transferJson(transfer);
  call.objectId = transfer.id;
  if (call.simulation.journal !== null) call.simulation.persist('transfer', call.platform, transfer);
  emitEvent(call, { type: event, objectId: transfer.id, objectJson: json });
  return json;
}

function update(call: Call): string {
  const transfer = transferOf(call);
  transfer.metadata = mergeMetadata(transfer.metadata, call.params);
  return storeAndEmit(call, transfer, 'transfer.updated');
}

function list(call: Call): string {
  const { platform, params } = call;
  const group = params.text('transfer_group');
  const destination = params.text('destination');
  let ordered: readonly Transfer[] = platform.transfers.ordered;
  if (group !== undefined) ordered = platform.transfersByGroup.get(group);
  else if (destination !== undefined) ordered = platform.transfersByDestination.get(destination);
  if (group !== undefined && destination !== undefined)
    ordered = ordered.filter((transfer) => transfer.destination === destination);
  const page = listPage(call, platform.transfers, ordered);
  return listJson('/v1/transfers', page.items.map(transferJson), page.hasMore);
}

export const TRANSFER_ROUTES: readonly Route[] = [
  { method: 'POST', path: '/v1/transfers', check: checkCreate, run: create },
  {
    method: 'GET',
    path: '/v1/transfers',
    isList: true,
    check: checkList('transfer_group', 'destination'),
    run: list,
  },
  { method: 'GET', path: '/v1/transfers/:id', run: (call) => transferJson(transferOf(call)) },
  {
    method: 'POST',
    path: '/v1/transfers/:id',
    check: ({ params }) => params.allowOnly(UPDATE_PARAMS),
    run: update,
  },
];
