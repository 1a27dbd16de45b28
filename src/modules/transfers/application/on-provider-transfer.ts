import { Injectable, type OnModuleInit } from '@nestjs/common';
import { isUuid, type TenantId } from '../../../kernel/ids';
import type { Tx } from '../../../kernel/tx';
import { Outbox, EventSubscriptions, type EventHandler, type ReceivedEvent } from '../../../platform/outbox';
import { Log } from '../../../platform/logging';
import { ProviderEventTransfer, type ProviderEventReceived } from '../../connections/contract';
import { Ledger } from '../../ledger';
import { TransferReversed } from '../contract';
import { transferReversed } from '../domain/accounting';
import type { Transfer } from '../domain/transfer';
import { type ProviderTransferDetail, TransferGateway, TransferRepository } from './ports';
import { factOf, TransferEffects, type TransferOutcome } from './transfer-effects';

const ACTOR = 'provider';

interface NewReversal {
  readonly transfer: Transfer;
  readonly reversalId: string;
  readonly amountMinor: bigint;
}

/** An event of the provider about a transfer is a hint: the transfer is read there and recorded as it is now. */
@Injectable()
export class OnProviderTransfer
  implements EventHandler<ProviderEventReceived, ProviderTransferDetail[]>, OnModuleInit
{
  readonly consumer = 'transfers.on-provider-transfer';
  readonly events = [ProviderEventTransfer];

  constructor(
    private readonly subscriptions: EventSubscriptions,
    private readonly gateway: TransferGateway,
    private readonly transfers: TransferRepository,
    private readonly effects: TransferEffects,
    private readonly ledger: Ledger,
    private readonly outbox: Outbox,
    private readonly log: Log,
  ) {}

  onModuleInit(): void {
    this.subscriptions.register(this);
  }

  async prefetch(
    tenant: TenantId,
    events: readonly ReceivedEvent<ProviderEventReceived>[],
  ): Promise<ProviderTransferDetail[]> {
    const objects = new Map(events.map(({ payload }) => [payload.object_id, payload.rail_account_id]));
    const read: ProviderTransferDetail[] = [];
    for (const [objectId, railAccountId] of objects) {
      const detail = await this.gateway.read({ tenant, railAccountId }, objectId);
      // Metadata can be written by other programs with the same Stripe account.
      if (detail && isUuid(detail.transfer.transferId)) read.push(detail);
    }
    return read;
  }

  /** The order of events does not matter. Transfers that are not ours are ignored. */
  async handle(
    tx: Tx,
    _events: readonly ReceivedEvent<ProviderEventReceived>[],
    read: ProviderTransferDetail[],
  ): Promise<void> {
    const { now, transfers } = await this.transfers.lock(
      tx,
      read.map(({ transfer }) => transfer.transferId as string),
    );
    const byId = new Map(transfers.map((transfer) => [transfer.id, transfer]));
    const ours = read.filter(({ transfer }) => byId.has(transfer.transferId as string));
    if (!ours.length) return;
    await this.transfers.addEvidence(
      tx,
      ours.map(({ transfer: at }) => ({ transferId: at.transferId as string, at, source: 'event' })),
    );
    const destinations = await this.transfers.destinationsUsed(tx, [...byId.keys()]);
    const outcomes: TransferOutcome[] = [];
    const reversals: NewReversal[] = [];
    for (const detail of ours) {
      const id = detail.transfer.transferId as string;
      const transfer = byId.get(id) as Transfer;
      if (!this.matches(transfer, detail, destinations.get(id) ?? [])) continue;
      const effect = transfer.complete(detail.transfer, { now, jitter: 0, actor: ACTOR });
      outcomes.push({ transfer, effect });
      reversals.push(...(await this.addReversals(tx, transfer, detail)));
    }
    await this.write(tx, outcomes, reversals);
  }

  /** Returns the reversals that were not stored yet. */
  private async addReversals(
    tx: Tx,
    transfer: Transfer,
    { reversals }: ProviderTransferDetail,
  ): Promise<NewReversal[]> {
    const fresh: NewReversal[] = [];
    for (const { id, amountMinor } of reversals) {
      if (!(await this.transfers.addReversal(tx, transfer.id, id, amountMinor))) continue;
      transfer.reversed(amountMinor);
      fresh.push({ transfer, reversalId: id, amountMinor });
    }
    return fresh;
  }

  /** In one ledger call per kind: accounts are locked in order only within one call. */
  private async write(
    tx: Tx,
    outcomes: readonly TransferOutcome[],
    reversals: readonly NewReversal[],
  ): Promise<void> {
    const reversed = new Set(reversals.map(({ transfer }) => transfer));
    await this.transfers.save(
      tx,
      outcomes
        .filter(({ transfer, effect }) => effect !== 'none' || reversed.has(transfer))
        .map(({ transfer }) => transfer),
    );
    await this.effects.apply(tx, outcomes, ACTOR);
    await this.ledger.post(
      tx,
      reversals.map(({ transfer, ...reversal }) =>
        transferReversed.build({ ...reversal, transfer: transfer.snapshot(), actor: ACTOR }),
      ),
    );
    await this.outbox.publish(
      tx,
      [...reversed].map((transfer) => TransferReversed.of(factOf(transfer.snapshot()))),
    );
  }

  /**
   * A second provider transfer for a paid one, or one that differs, must not be booked. A transfer without
   * attempts may still be paid: a restored backup can lack the attempts.
   */
  private matches(
    transfer: Transfer,
    { transfer: at }: ProviderTransferDetail,
    destinations: readonly string[],
  ): boolean {
    const s = transfer.snapshot();
    const matches =
      at.amountMinor === s.amountMinor &&
      at.currency === s.currency &&
      (destinations.length === 0 || destinations.includes(at.destination));
    const isOne =
      matches && s.state !== 'cancelled' && (s.providerTransferId === null || s.providerTransferId === at.id);
    if (!isOne)
      this.log.error('transfer.second_at_provider', {
        transfer_id: s.id,
        state: s.state,
        provider_transfer_id: at.id,
      });
    return isOne;
  }
}
