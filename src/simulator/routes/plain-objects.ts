import type { PlainObject } from '../state/objects';
import type { PlainKind } from '../state/platform';
import { invalidRequest, missing } from '../wire/failure';
import { readMetadata } from '../wire/metadata';
import { readAmount, readCurrency } from '../wire/money';
import { listJson, seconds } from '../wire/render';
import { checkList, idOf, listPage, emitEvent } from './call';
import type { Call, Route } from './call';
import { emitFundsAvailable } from './events';

/** Objects that are only created, listed and retrieved. */
interface PlainResource {
  readonly kind: PlainKind;
  readonly prefix: string;
  readonly noun: string;
  check(call: Call): void;
  /** The fields of a new one, and what making it changes. */
  make(call: Call): Record<string, unknown>;
  /** Event types, in the order Stripe sends them. */
  readonly events: readonly string[];
  /** True when making one adds to what can be spent. */
  readonly addsFunds?: boolean;
}

function create(resource: PlainResource, call: Call): string {
  const { platform, simulation } = call;
  const collection = platform.plain[resource.kind];
  const idWith = (suffix: string): string => `${resource.prefix}_sim_${suffix}`;
  const fields = resource.make(call);
  const id = idWith(
    platform.suffix(call.idempotencyKey, (suffix) => collection.get(idWith(suffix)) !== undefined),
  );
  const createdMs = simulation.clock.nowMs();
  const wire = { id, object: resource.noun, created: seconds(createdMs), livemode: false, ...fields };
  const object: PlainObject = { id, createdMs, position: 0, wire };
  collection.put(object);
  simulation.persist(resource.kind, platform, object);
  call.objectId = id;
  const json = JSON.stringify(wire);
  for (const type of resource.events) emitEvent(call, { type, objectId: id, objectJson: json });
  if (resource.addsFunds === true) emitFundsAvailable(simulation, platform, call.requestId);
  return json;
}

function retrieve(resource: PlainResource, call: Call): string {
  const object = call.platform.plain[resource.kind].get(idOf(call));
  if (object === undefined) throw missing(resource.noun.replace('_', ' '), idOf(call));
  return JSON.stringify(object.wire);
}

function list(resource: PlainResource, call: Call): string {
  const collection = call.platform.plain[resource.kind];
  const email = resource.kind === 'customers' ? call.params.text('email') : undefined;
  const ordered =
    email === undefined
      ? collection.ordered
      : collection.ordered.filter((object) => object.wire['email'] === email);
  const page = listPage(call, collection, ordered);
  return listJson(
    `/v1/${resource.kind}`,
    page.items.map((object) => JSON.stringify(object.wire)),
    page.hasMore,
  );
}

function money(call: Call): { amount: number; currency: string } {
  const currency = readCurrency(call.params);
  return { amount: readAmount(call.params, currency), currency };
}

function checkMoney(call: Call): void {
  money(call);
  readMetadata(call.params);
}

const described = (call: Call): Record<string, unknown> => ({
  description: call.params.text('description') ?? null,
  metadata: readMetadata(call.params),
});

const TOPUPS: PlainResource = {
  kind: 'topups',
  prefix: 'tu',
  noun: 'topup',
  check: checkMoney,
  events: ['topup.created', 'topup.succeeded'],
  addsFunds: true,
  make(call) {
    const { amount, currency } = money(call);
    call.simulation.changeBalance(call.platform, currency, { available: amount });
    const group = call.params.text('transfer_group') ?? null;
    return {
      amount,
      currency,
      ...described(call),
      status: 'succeeded',
      transfer_group: group,
      failure_code: null,
      failure_message: null,
    };
  },
};

const PAYOUTS: PlainResource = {
  kind: 'payouts',
  prefix: 'po',
  noun: 'payout',
  check: checkMoney,
  events: ['payout.created', 'payout.paid'],
  make(call) {
    const { amount, currency } = money(call);
    if (call.platform.balance(currency).available < amount) {
      throw invalidRequest(
        'You have insufficient funds in your Stripe account for this payout.',
        'balance_insufficient',
        'amount',
      );
    }
    call.simulation.changeBalance(call.platform, currency, { available: -amount });
    return {
      amount,
      currency,
      ...described(call),
      status: 'paid',
      method: 'standard',
      type: 'bank_account',
      automatic: false,
    };
  },
};

const CUSTOMERS: PlainResource = {
  kind: 'customers',
  prefix: 'cus',
  noun: 'customer',
  check: (call) => void readMetadata(call.params),
  events: ['customer.created'],
  make: (call) => ({
    ...described(call),
    email: call.params.text('email') ?? null,
    name: call.params.text('name') ?? null,
    phone: call.params.text('phone') ?? null,
    balance: 0,
    delinquent: false,
  }),
};

/** Stripe's minimum charge is 50 cents; here the same number applies to every currency. */
const CHARGE_MIN = 50;

const PAYMENT_INTENTS: PlainResource = {
  kind: 'payment_intents',
  prefix: 'pi',
  noun: 'payment_intent',
  events: ['payment_intent.created'],
  check(call) {
    checkMoney(call);
    if (money(call).amount < CHARGE_MIN)
      throw invalidRequest('Amount must be at least 50 cents.', 'amount_too_small', 'amount');
  },
  make(call) {
    const { amount, currency } = money(call);
    const customer = call.params.text('customer') ?? null;
    if (customer !== null && call.platform.plain.customers.get(customer) === undefined)
      throw missing('customer', customer, 'customer');
    const confirmed = call.params.flag('confirm') === true;
    return {
      amount,
      currency,
      customer,
      ...described(call),
      amount_received: confirmed ? amount : 0,
      client_secret: `pi_sim_secret_${call.requestId}`,
      payment_method_types: ['card'],
      status: confirmed ? 'succeeded' : 'requires_payment_method',
      transfer_group: call.params.text('transfer_group') ?? null,
    };
  },
};

function routesOf(resource: PlainResource): Route[] {
  const path = `/v1/${resource.kind}`;
  const checkPage = checkList('email', 'status', 'customer');
  return [
    { method: 'POST', path, check: (call) => resource.check(call), run: (call) => create(resource, call) },
    { method: 'GET', path, isList: true, check: checkPage, run: (call) => list(resource, call) },
    { method: 'GET', path: `${path}/:id`, run: (call) => retrieve(resource, call) },
  ];
}

export const PLAIN_ROUTES: readonly Route[] = [TOPUPS, PAYOUTS, CUSTOMERS, PAYMENT_INTENTS].flatMap(routesOf);
