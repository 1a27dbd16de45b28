import { Injectable, type OnModuleInit } from '@nestjs/common';
import { type Tx, UnitOfWork } from '../../../kernel/tx';
import { Reactions, type Reaction, type ReceivedEvent } from '../../../platform/outbox';
import { RECIPIENT_PAYABLE, type RecipientPayableChanged } from '../../recipients/contract';
import { ResumeTransfers } from './resume-transfers';
import { TransferRepository } from './ports';

/** What was blocked on these recipients is due again. */
@Injectable()
export class OnRecipientPayable implements Reaction, OnModuleInit {
  readonly consumer = 'transfers.on-recipient-payable';
  readonly events = [RECIPIENT_PAYABLE];

  constructor(
    private readonly reactions: Reactions,
    private readonly transfers: TransferRepository,
    private readonly resuming: ResumeTransfers,
    private readonly uow: UnitOfWork,
  ) {}

  onModuleInit(): void {
    this.reactions.register(this);
  }

  async react(tx: Tx, events: readonly ReceivedEvent[]): Promise<void> {
    const recipients = events.map(
      (event) => (event.payload as unknown as RecipientPayableChanged).recipient_id,
    );
    await this.resuming.run(tx, this.uow.tenantOf(tx), await this.transfers.blockedOn(tx, recipients));
  }
}
