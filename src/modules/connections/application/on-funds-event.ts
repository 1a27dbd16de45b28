import { Injectable } from '@nestjs/common';
import type { TenantId } from '../../../kernel/ids';
import type { Tx } from '../../../kernel/tx';
import type { EventHandler, ReceivedEvent } from '../../../platform/outbox';
import { ProviderEventFunds, type ProviderEventReceived } from '../contract';
import { type BalanceReading, type FundingFact, ProviderAccountReader } from './ports';
import { RecordFunding } from './record-funding';

export interface FundsSeen {
  readonly facts: readonly FundingFact[];
  readonly balances: ReadonlyMap<string, readonly BalanceReading[]>;
}

/** Stripe reported money. Reads it at Stripe again, because a signed event may be old or out of order. */
@Injectable()
export class OnFundsEvent implements EventHandler<ProviderEventReceived, FundsSeen> {
  readonly consumer = 'connections.on-funds-event';
  readonly events = [ProviderEventFunds];

  constructor(
    private readonly provider: ProviderAccountReader,
    private readonly recordFunding: RecordFunding,
  ) {}

  async prefetch(
    tenant: TenantId,
    events: readonly ReceivedEvent<ProviderEventReceived>[],
  ): Promise<FundsSeen> {
    const received = events.map(({ payload }) => payload);
    const balances = new Map<string, BalanceReading[]>();
    for (const account of new Set(received.map((event) => event.rail_account_id)))
      balances.set(account, await this.provider.balances(tenant, account));
    const facts: FundingFact[] = [];
    for (const [id, event] of new Map(
      received.filter((e) => e.type.startsWith('topup.')).map((e) => [e.object_id, e]),
    )) {
      const topUp = await this.provider.topUp(tenant, event.rail_account_id, id);
      if (topUp) facts.push(factOf(event.rail_account_id, topUp));
    }
    return { facts, balances };
  }

  async handle(
    tx: Tx,
    _events: readonly ReceivedEvent<ProviderEventReceived>[],
    seen: FundsSeen,
  ): Promise<void> {
    await this.recordFunding.movements(tx, seen.facts);
    for (const [account, readings] of seen.balances) await this.recordFunding.balances(tx, account, readings);
  }
}

export function factOf(
  railAccountId: string,
  topUp: { id: string; amountMinor: bigint; currency: string },
): FundingFact {
  return {
    railAccountId,
    source: 'provider',
    reference: topUp.id,
    direction: 'in',
    amountMinor: topUp.amountMinor,
    currency: topUp.currency,
    reason: 'top-up at the provider',
    actor: 'system',
  };
}
