import { Injectable } from '@nestjs/common';
import type { Actor } from '../../../kernel/actor';
import type { Tx } from '../../../kernel/tx';
import { AuditTrail } from '../../../platform/audit';
import type { PaymentMethodType } from '../contract';
import { RecipientUnknown } from '../domain/errors';
import { Recipient } from '../domain/recipient';
import { ConnectedAccountStore, RecipientRepository } from './ports';

/** Sets the payment method for payments that name no rail. Throws RecipientUnknown and PaymentMethodMissing. */
@Injectable()
export class ChoosePaymentMethod {
  constructor(
    private readonly recipients: RecipientRepository,
    private readonly accounts: ConnectedAccountStore,
    private readonly audit: AuditTrail,
  ) {}

  async execute(tx: Tx, id: string, type: PaymentMethodType, actor: Actor): Promise<void> {
    const row = await this.recipients.lock(tx, id);
    if (!row) throw new RecipientUnknown();
    const recipient = Recipient.rehydrate(row);
    recipient.choosePaymentMethod(type, (await this.accounts.byRecipients(tx, [id])).length > 0, new Date());
    await this.recipients.save(tx, recipient.snapshot());
    await this.audit.record(tx, actor, {
      action: 'recipient.payment_method_chosen',
      entity: { kind: 'recipient', id },
      before: { default_payment_method: row.defaultPaymentMethod },
      after: { default_payment_method: type },
    });
  }
}
