import { Injectable, type OnModuleInit } from '@nestjs/common';
import { type Tx, UnitOfWork } from '../../../kernel/tx';
import { EventSubscriptions, type EventHandler, type ReceivedEvent } from '../../../platform/outbox';
import { RecipientPayable, type RecipientPayableChanged } from '../../recipients/contract';
import { ResumeTransfers } from './resume-transfers';
import { DueTransferStore } from './ports';

/** Resumes the transfers that were blocked on these recipients. */
@Injectable()
export class OnRecipientPayable implements EventHandler<RecipientPayableChanged>, OnModuleInit {
  readonly consumer = 'transfers.on-recipient-payable';
  readonly events = [RecipientPayable];

  constructor(
    private readonly subscriptions: EventSubscriptions,
    private readonly dueTransfers: DueTransferStore,
    private readonly resumeTransfers: ResumeTransfers,
    private readonly uow: UnitOfWork,
  ) {}

  onModuleInit(): void {
    this.subscriptions.register(this);
  }

  async handle(tx: Tx, events: readonly ReceivedEvent<RecipientPayableChanged>[]): Promise<void> {
    const recipients = events.map(({ payload }) => payload.recipient_id);
    await this.resumeTransfers.execute(
      tx,
      this.uow.tenantOf(tx),
      await this.dueTransfers.blockedOn(tx, recipients),
    );
  }
}
