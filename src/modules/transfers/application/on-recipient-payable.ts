import { Injectable, type OnModuleInit } from '@nestjs/common';
import { type Tx, UnitOfWork } from '../../../kernel/tx';
import { EventSubscriptions, type EventHandler, type ReceivedEvent } from '../../../platform/outbox';
import { RECIPIENT_PAYABLE, type RecipientPayableChanged } from '../../recipients/contract';
import { ResumeTransfers } from './resume-transfers';
import { TransferRepository } from './ports';

/** What was blocked on these recipients is due again. */
@Injectable()
export class OnRecipientPayable implements EventHandler, OnModuleInit {
  readonly consumer = 'transfers.on-recipient-payable';
  readonly events = [RECIPIENT_PAYABLE];

  constructor(
    private readonly reactions: EventSubscriptions,
    private readonly transfers: TransferRepository,
    private readonly resumeTransfers: ResumeTransfers,
    private readonly uow: UnitOfWork,
  ) {}

  onModuleInit(): void {
    this.reactions.register(this);
  }

  async handle(tx: Tx, events: readonly ReceivedEvent[]): Promise<void> {
    const recipients = events.map(
      (event) => (event.payload as unknown as RecipientPayableChanged).recipient_id,
    );
    await this.resumeTransfers.execute(
      tx,
      this.uow.tenantOf(tx),
      await this.transfers.blockedOn(tx, recipients),
    );
  }
}
