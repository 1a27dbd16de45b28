import type { EffectiveTransfer } from '../../../src/simulator';
import type { Facts, TransferFact } from './oracle-facts';
import type { TenantWorld } from './tenant-world';

/**
 * docs/invariants.md M1, M3, M4 and M9: paid once, the ledger equals the provider, each tenant pays with its
 * own money.
 */
export function moneyViolations(facts: Facts, tenants: readonly TenantWorld[]): string[] {
  const transfers = new Map(facts.transfers.map((transfer) => [transfer.id, transfer]));
  return [
    ...paidTwice(facts, transfers),
    ...strangers(facts, transfers, tenants),
    ...tenants.flatMap((tenant) => duesOf(tenant, facts)),
    ...books(facts),
    ...facts.drifted,
    ...facts.misreserved,
  ];
}

export function transferIdOf(effect: EffectiveTransfer): string {
  return effect.metadata['disburse_transfer'] ?? '';
}

function paidTwice(facts: Facts, transfers: ReadonlyMap<string, TransferFact>): string[] {
  const netOf = new Map<string, bigint>();
  const countOf = new Map<string, number>();
  for (const effect of facts.effects) {
    const id = transferIdOf(effect);
    const origin = transfers.get(id)?.origin_id ?? id;
    netOf.set(origin, (netOf.get(origin) ?? 0n) + BigInt(effect.amount - effect.amount_reversed));
    countOf.set(id, (countOf.get(id) ?? 0) + 1);
  }
  const twice = [...countOf]
    .filter(([, count]) => count > 1)
    .map(([id, count]) => `PAID TWICE: transfer ${id} has ${count} effects at the provider`);
  const amountOf = new Map(facts.transfers.map((transfer) => [transfer.origin_id, transfer.amount_minor]));
  const over = [...netOf]
    .filter(([origin, net]) => net > (amountOf.get(origin) ?? 0n))
    .map(([origin, net]) => `PAID TOO MUCH: origin ${origin} got ${net} of ${amountOf.get(origin) ?? 0n}`);
  return [...twice, ...over];
}

/** What the provider moved must be a transfer of the same tenant, as it was requested. */
function strangers(
  facts: Facts,
  transfers: ReadonlyMap<string, TransferFact>,
  tenants: readonly TenantWorld[],
): string[] {
  return facts.effects.flatMap((effect) => {
    const transfer = transfers.get(transferIdOf(effect));
    if (!transfer) return [`NOT REQUESTED: ${effect.id} belongs to no transfer`];
    const owner = tenants.find(({ id }) => id === transfer.tenant_id);
    const account = owner?.dues.find(({ payee }) => payee.id === transfer.recipient_id)?.payee.stripeAccount;
    const problems = [
      effect.platform !== owner?.providerAccount &&
        `OTHER TENANT'S MONEY: ${effect.id} left ${effect.platform}`,
      effect.destination !== account && `WRONG PAYEE: ${effect.id} went to ${effect.destination}`,
      BigInt(effect.amount) !== transfer.amount_minor && `WRONG AMOUNT: ${effect.id} moved ${effect.amount}`,
      effect.currency.toUpperCase() !== transfer.currency &&
        `WRONG CURRENCY: ${effect.id} is in ${effect.currency}`,
      transfer.state === 'completed' &&
        transfer.provider_transfer_id !== effect.id &&
        `OTHER ID: ${transfer.id} says ${transfer.provider_transfer_id}`,
      transfer.state !== 'completed' &&
        `NOT COMPLETED: ${transfer.id} is ${transfer.state} and the provider holds ${effect.id}`,
    ];
    return problems.filter((problem) => problem !== false);
  });
}

/** None lost: compares the test's own list of awards with what the provider did. */
function duesOf(tenant: TenantWorld, facts: Facts): string[] {
  const wanted = countBy(
    tenant.dues.map(({ payee, minor, currency }) => `${payee.stripeAccount} ${minor} ${currency}`),
  );
  const got = countBy(
    facts.effects
      .filter(({ platform }) => platform === tenant.providerAccount)
      .map((effect) => `${effect.destination} ${effect.amount} ${effect.currency.toUpperCase()}`),
  );
  const missing = [...wanted]
    .filter(([what, count]) => (got.get(what) ?? 0) < count)
    .map(([what]) => `LOST: ${what} was not paid`);
  const surplus = [...got]
    .filter(([what, count]) => (wanted.get(what) ?? 0) < count)
    .map(([what]) => `SURPLUS: paid ${what}`);
  return [...missing, ...surplus];
}

/** One entry for each effect, with its amount, and one effect for each entry. */
function books(facts: Facts): string[] {
  const booked = countBy(
    facts.paid.map(
      ({ tenant_id: tenant, transfer_id: id, minor, currency }) => `${tenant} ${id} ${minor} ${currency}`,
    ),
  );
  const moved = countBy(
    facts.effects.map(
      (effect) =>
        `${effect.metadata['disburse_tenant']} ${transferIdOf(effect)} ` +
        `${effect.amount} ${effect.currency.toUpperCase()}`,
    ),
  );
  const unbooked = [...moved]
    .filter(([what, count]) => booked.get(what) !== count)
    .map(
      ([what, count]) =>
        `BOOKS: the provider moved ${what} ${count} times, the ledger ${booked.get(what) ?? 0} times`,
    );
  const invented = [...booked.keys()]
    .filter((what) => !moved.has(what))
    .map((what) => `BOOKS: the ledger has ${what}, the provider has not`);
  return [...unbooked, ...invented];
}

function countBy(values: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
}
