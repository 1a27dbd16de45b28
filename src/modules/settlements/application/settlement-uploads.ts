import { Injectable } from '@nestjs/common';
import type { Actor } from '../../../kernel/actor';
import { newId, type TenantId } from '../../../kernel/ids';
import { type Currency, Money } from '../../../kernel/money';
import { type Tx, UnitOfWork } from '../../../kernel/tx';
import { AuditTrail } from '../../../platform/audit';
import { Outbox } from '../../../platform/outbox';
import { WakeUps } from '../../../platform/queue';
import type { Rail } from '../../transfers/contract';
import { SettlementRejected } from '../contract';
import type { Maker } from '../domain/approval';
import { SettlementNotRecordable, UploadAbandoned } from '../domain/errors';
import { Settlement } from '../domain/settlement';
import type { Rejection, SettlementSnapshot, StreamHeader } from '../domain/settlement-snapshot';
import { settlementRecord } from './audit-records';
import { PlanSettlement } from './plan-settlement';
import { SettlementRepository, UploadStore } from './ports';
import { SETTLEMENTS_QUEUE, wakeUpKey } from './wake-up-key';

export interface UploadParameters {
  readonly contestId: string;
  readonly currency: string;
  /** Decimal text, like the platform share. */
  readonly pool: string;
  readonly platformShare: string;
  readonly allowRemainder: boolean;
  readonly rail: Rail;
}

/** A settlement whose lines are arriving. */
export interface SettlementUpload {
  readonly id: string;
  readonly currency: Currency;
  readonly header: StreamHeader;
}

/**
 * The life of an upload. Its lines are stored apart from settlements and nothing else reads them. When the body
 * has arrived, the upload becomes a settlement in the transaction that also stores the response. If the client
 * disconnects before that, the upload is discarded and purged.
 */
@Injectable()
export class SettlementUploads {
  constructor(
    private readonly uow: UnitOfWork,
    private readonly planSettlement: PlanSettlement,
    private readonly uploads: UploadStore,
    private readonly settlements: SettlementRepository,
    private readonly outbox: Outbox,
    private readonly audit: AuditTrail,
    private readonly wakeUps: WakeUps,
  ) {}

  /** @throws InvalidCurrency, InvalidAmount, SettlementNotRecordable */
  open(tenant: TenantId, parameters: UploadParameters): Promise<SettlementUpload> {
    return this.uow.run(tenant, async (tx) => {
      const { currency } = await this.planSettlement.currencyFor(tx, parameters.currency);
      const poolMinor = Money.parse(parameters.pool, currency).minor;
      if (poolMinor === 0n)
        throw new SettlementNotRecordable([
          { code: 'invalid_amount', message: 'the pool must be above 0', line: null },
        ]);
      const platformShareMinor = Money.parse(parameters.platformShare, currency).minor;
      const { contestId, allowRemainder, rail } = parameters;
      const id = newId();
      await this.uploads.open(tx, id);
      return {
        id,
        currency,
        header: { contestId, currency, poolMinor, platformShareMinor, allowRemainder, rail },
      };
    });
  }

  /**
   * Makes the settlement, which is then checked in the background.
   *
   * @throws UploadAbandoned
   */
  async finish(
    tx: Tx,
    { id, header }: SettlementUpload,
    rejection: Rejection | null,
    maker: Maker,
    actor: Actor,
  ): Promise<SettlementSnapshot> {
    if (!(await this.uploads.close(tx, id))) throw new UploadAbandoned();
    const settlement = Settlement.receive(header, rejection, { id, ...maker, at: new Date() }).snapshot();
    await this.settlements.add(tx, settlement);
    await this.audit.record(tx, actor, settlementRecord('received', settlement));
    if (rejection) {
      await this.uploads.discard(tx, id);
      await this.outbox.publish(tx, [SettlementRejected.of({ settlement_id: id })]);
    }
    this.wakeAfterCommit(tx, id);
    return settlement;
  }

  /** Discards the upload of a client that disconnected, or of a repeated request; not one that was finished. */
  async abandon(tenant: TenantId, id: string): Promise<void> {
    await this.uow.run(tenant, async (tx) => {
      await this.uploads.abandon(tx, id);
      this.wakeAfterCommit(tx, id);
    });
  }

  private wakeAfterCommit(tx: Tx, id: string): void {
    const key = wakeUpKey(this.uow.tenantOf(tx), id);
    this.uow.afterCommit(tx, async () => this.wakeUps.wake(SETTLEMENTS_QUEUE, key));
  }
}
