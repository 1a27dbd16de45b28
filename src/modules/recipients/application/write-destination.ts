import { Injectable } from '@nestjs/common';
import { nameOf, type Actor } from '../../../kernel/actor';
import type { Tx } from '../../../kernel/tx';
import { AuditTrail } from '../../../platform/audit';
import { Outbox } from '../../../platform/outbox';
import { afterConnecting, type ConnectedAccount, PAYABLE_EVENTS } from '../domain/connected-account';
import { RecipientUnknown } from '../domain/errors';
import { ConnectedAccountStore, RecipientRepository } from './ports';

/**
 * Writes down the Stripe account a recipient is paid into, as it was just read there, and tells what that
 * changes.
 */
@Injectable()
export class WriteDestination {
  constructor(
    private readonly recipients: RecipientRepository,
    private readonly accounts: ConnectedAccountStore,
    private readonly outbox: Outbox,
    private readonly audit: AuditTrail,
  ) {}

  /** Throws RecipientUnknown and ConnectedAccountTaken. */
  async execute(tx: Tx, found: Omit<ConnectedAccount, 'version' | 'watched'>, actor: Actor): Promise<void> {
    // The recipient's lock orders two changes of one destination; there is no row of the account to lock the
    // first time.
    if (!(await this.recipients.lock(tx, found.recipientId))) throw new RecipientUnknown();
    const [known] = await this.accounts.lock(tx, [found.recipientId]);
    const isSame = known?.stripeAccountId === found.stripeAccountId;
    const account = {
      ...found,
      watched: found.transfersCapability !== 'active',
      version: (known?.version ?? 0) + (isSame ? 0 : 1),
    };
    await this.accounts.put(tx, account);
    if (!isSame) await this.accounts.recordChange(tx, account, known?.stripeAccountId ?? null, nameOf(actor));
    const entity = { kind: 'recipient', id: account.recipientId };
    await this.audit.record(tx, actor, {
      action: 'recipient.account_connected',
      entity,
      before: known && shown(known),
      after: shown(account),
    });
    const change = afterConnecting(known ?? null, account);
    if (change)
      await this.outbox.publish(tx, [PAYABLE_EVENTS[change].of({ recipient_id: account.recipientId })]);
  }
}

function shown({ stripeAccountId, transfersCapability }: Omit<ConnectedAccount, 'version'>) {
  return { stripe_account_id: stripeAccountId, transfers_capability: transfersCapability };
}
