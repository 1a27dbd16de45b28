import { Injectable } from '@nestjs/common';
import { nameOf, type Actor } from '../../../kernel/actor';
import type { TenantId } from '../../../kernel/ids';
import { type Tx, UnitOfWork } from '../../../kernel/tx';
import { AuditTrail } from '../../../platform/audit';
import { Outbox } from '../../../platform/outbox';
import { Connections, type RailAccount } from '../../connections';
import { afterConnecting, type ConnectedAccount, PAYABLE_EVENTS } from '../domain/connected-account';
import { AccountNotFound, RecipientUnknown } from '../domain/errors';
import { AccountReader, ConnectedAccounts, RecipientDirectory, RecipientStore } from './ports';

export interface ConnectAccountCommand {
  readonly tenant: TenantId;
  readonly accessEpoch?: string;
  readonly recipientId: string;
  readonly stripeAccountId: string;
  readonly actor: Actor;
}

/** Names the Stripe account a recipient is paid into, once Stripe has confirmed that it exists and is connected to the tenant's. */
@Injectable()
export class ConnectAccount {
  constructor(
    private readonly uow: UnitOfWork,
    private readonly connections: Connections,
    private readonly reader: AccountReader,
    private readonly directory: RecipientDirectory,
    private readonly store: RecipientStore,
    private readonly accounts: ConnectedAccounts,
    private readonly outbox: Outbox,
    private readonly audit: AuditTrail,
  ) {}

  async run(command: ConnectAccountCommand): Promise<void> {
    const access = { accessEpoch: command.accessEpoch };
    const rail = await this.uow.run(command.tenant, (tx) => this.railOf(tx, command.recipientId), access);
    // Paid into the platform's own account, money would go round in a circle.
    if (rail.providerAccountId === command.stripeAccountId) throw new AccountNotFound();
    const checkedAt = new Date();
    const transfersCapability = await this.reader.capabilityOf(command.tenant, rail.id, command.stripeAccountId);
    if (!transfersCapability) throw new AccountNotFound();
    const { recipientId, stripeAccountId } = command;
    const found = { recipientId, stripeAccountId, railAccountId: rail.id, transfersCapability, checkedAt, watched: transfersCapability !== 'active' };
    await this.uow.run(command.tenant, (tx) => this.write(tx, found, command.actor), access);
  }

  private async railOf(tx: Tx, recipientId: string): Promise<RailAccount> {
    if (!(await this.directory.byId(tx, recipientId))) throw new RecipientUnknown();
    return this.connections.railAccountFor(tx, 'stripe');
  }

  private async write(tx: Tx, found: Omit<ConnectedAccount, 'version'>, actor: Actor): Promise<void> {
    // The recipient's lock orders two changes of one destination; there is no row of the account to lock the first time.
    if (!(await this.store.lock(tx, found.recipientId))) throw new RecipientUnknown();
    const [known] = await this.accounts.lock(tx, [found.recipientId]);
    const isSame = known?.stripeAccountId === found.stripeAccountId;
    const account = { ...found, version: (known?.version ?? 0) + (isSame ? 0 : 1) };
    await this.accounts.put(tx, account);
    if (!isSame) await this.accounts.recordChange(tx, account, known?.stripeAccountId ?? null, nameOf(actor));
    const entity = { kind: 'recipient', id: account.recipientId };
    await this.audit.record(tx, actor, { action: 'recipient.account_connected', entity, before: known && shown(known), after: shown(account) });
    const change = afterConnecting(known ?? null, account);
    if (change) await this.outbox.publish(tx, [{ name: PAYABLE_EVENTS[change], payload: { recipient_id: account.recipientId } }]);
  }
}

function shown({ stripeAccountId, transfersCapability }: Omit<ConnectedAccount, 'version'>) {
  return { stripe_account_id: stripeAccountId, transfers_capability: transfersCapability };
}
