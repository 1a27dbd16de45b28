import { Injectable } from '@nestjs/common';
import type { Actor } from '../../../kernel/actor';
import type { TenantId } from '../../../kernel/ids';
import { type Tx, UnitOfWork } from '../../../kernel/tx';
import { Connections, type RailAccount } from '../../connections';
import { AccountNotFound, RecipientUnknown } from '../domain/errors';
import { AccountReader, RecipientReadStore } from './ports';
import { WriteDestination } from './write-destination';

export interface ConnectAccountCommand {
  readonly tenant: TenantId;
  readonly accessEpoch?: string;
  readonly recipientId: string;
  readonly stripeAccountId: string;
  readonly actor: Actor;
}

/** Connects an existing Stripe account, after Stripe confirmed that it is connected to the tenant's account. */
@Injectable()
export class ConnectAccount {
  constructor(
    private readonly uow: UnitOfWork,
    private readonly connections: Connections,
    private readonly reader: AccountReader,
    private readonly recipients: RecipientReadStore,
    private readonly writeDestination: WriteDestination,
  ) {}

  async execute(command: ConnectAccountCommand): Promise<void> {
    const access = { accessEpoch: command.accessEpoch };
    const rail = await this.uow.run(command.tenant, (tx) => this.railOf(tx, command.recipientId), access);
    // The platform's own account cannot be a destination.
    if (rail.providerAccountId === command.stripeAccountId) throw new AccountNotFound();
    const checkedAt = new Date();
    const state = await this.reader.read(command.tenant, rail.id, command.stripeAccountId);
    if (!state) throw new AccountNotFound();
    const { recipientId, stripeAccountId } = command;
    const found = {
      recipientId,
      stripeAccountId,
      railAccountId: rail.id,
      transfersCapability: state.transfersCapability,
      checkedAt,
    };
    await this.uow.run(
      command.tenant,
      (tx) => this.writeDestination.execute(tx, found, command.actor),
      access,
    );
  }

  private async railOf(tx: Tx, recipientId: string): Promise<RailAccount> {
    if (!(await this.recipients.byId(tx, recipientId))) throw new RecipientUnknown();
    return this.connections.railAccountFor(tx, 'stripe');
  }
}
