import { Injectable } from '@nestjs/common';
import type { Actor } from '../../../kernel/actor';
import type { Tx } from '../../../kernel/tx';
import { Log } from '../../../platform/logging';
import type { AccountOpening, OpenedAccount } from '../domain/account-opening';
import { ConnectedAccountStore } from './ports';
import { WriteDestination } from './write-destination';

/** The account with which a recipient is onboarded. */
export interface Destination {
  readonly railAccountId: string;
  readonly stripeAccountId: string;
}

/** Connects an account that was opened for a recipient, unless another one was connected meanwhile. */
@Injectable()
export class ConnectOpenedAccount {
  constructor(
    private readonly accounts: ConnectedAccountStore,
    private readonly writeDestination: WriteDestination,
    private readonly log: Log,
  ) {}

  /** Returns the recipient's destination, null when the account was connected to another recipient meanwhile. */
  async execute(
    tx: Tx,
    { recipientId, railAccountId, key }: AccountOpening,
    { stripeAccountId, transfersCapability }: OpenedAccount,
    actor: Actor,
  ): Promise<Destination | null> {
    const notUsed = { recipient_id: recipientId, key, stripe_account_id: stripeAccountId };
    const [connected] = await this.accounts.byRecipients(tx, [recipientId]);
    if (connected) {
      if (connected.stripeAccountId !== stripeAccountId)
        this.log.error('recipient.account_not_used', notUsed);
      return connected;
    }
    const [taken] = await this.accounts.byStripeAccounts(tx, railAccountId, [stripeAccountId]);
    if (taken) {
      this.log.error('recipient.account_not_used', { ...notUsed, taken_by_id: taken.recipientId });
      return null;
    }
    const account = {
      recipientId,
      stripeAccountId,
      railAccountId,
      transfersCapability,
      checkedAt: new Date(),
    };
    await this.writeDestination.execute(tx, account, actor);
    return { railAccountId, stripeAccountId };
  }
}
