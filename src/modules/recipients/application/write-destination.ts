import { Injectable } from '@nestjs/common';
import { nameOf, type Actor } from '../../../kernel/actor';
import type { Tx } from '../../../kernel/tx';
import { AuditTrail } from '../../../platform/audit';
import { Outbox } from '../../../platform/outbox';
import { afterConnecting, type ConnectedAccount, PAYABLE_EVENTS } from '../domain/connected-account';
import { RecipientUnknown } from '../domain/errors';
import { ConnectedAccountStore, RecipientRepository } from './ports';

/** Stores the connected account of a recipient as it was just read, and publishes what that changes. */
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
    // The recipient is locked because the account has no row yet the first time.
    if (!(await this.recipients.lock(tx, found.recipientId))) throw new RecipientUnknown();
    const [before] = await this.accounts.lock(tx, [found.recipientId]);
    const isSame = before?.stripeAccountId === found.stripeAccountId;
    const account = {
      ...found,
      watched: found.transfersCapability !== 'active',
      version: (before?.version ?? 0) + (isSame ? 0 : 1),
    };
    await this.accounts.put(tx, account);
    if (!isSame)
      await this.accounts.recordChange(tx, account, before?.stripeAccountId ?? null, nameOf(actor));
    const entity = { kind: 'recipient', id: account.recipientId };
    await this.audit.record(tx, actor, {
      action: 'recipient.account_connected',
      entity,
      before: before && shown(before),
      after: shown(account),
    });
    const change = afterConnecting(before ?? null, account);
    if (change)
      await this.outbox.publish(tx, [PAYABLE_EVENTS[change].of({ recipient_id: account.recipientId })]);
  }
}

function shown({ stripeAccountId, transfersCapability }: Omit<ConnectedAccount, 'version'>) {
  return { stripe_account_id: stripeAccountId, transfers_capability: transfersCapability };
}
