import { Injectable } from '@nestjs/common';
import { nameOf, type Actor } from '../../../kernel/actor';
import { newId, type TenantId } from '../../../kernel/ids';
import { type Tx, UnitOfWork } from '../../../kernel/tx';
import { AuditTrail } from '../../../platform/audit';
import type { RailAccount } from '../contract';
import { ProviderAccountTaken, RailAccountExists } from '../domain/errors';
import { railAccountOf, type RailAccountSnapshot } from '../domain/rail-account';
import { type ProviderAccount, ProviderAccountReader, RailAccounts } from './ports';

interface ConnectCommand {
  readonly tenant: TenantId;
  readonly secretKey: string;
  readonly actor: Actor;
  readonly accessEpoch?: string | undefined;
}

/** Connects the tenant's Stripe account, or replaces the key of the account that is connected. */
@Injectable()
export class ConnectStripe {
  constructor(
    private readonly uow: UnitOfWork,
    private readonly accounts: RailAccounts,
    private readonly provider: ProviderAccountReader,
    private readonly audit: AuditTrail,
  ) {}

  async execute(command: ConnectCommand): Promise<RailAccount> {
    const found = await this.provider.accountOf(command.secretKey);
    const account = await this.uow.run(command.tenant, (tx) => this.store(tx, found, command), {
      accessEpoch: command.accessEpoch,
    });
    this.provider.keyReplaced(command.tenant, account.id);
    return railAccountOf(account);
  }

  private async store(tx: Tx, found: ProviderAccount, command: ConnectCommand): Promise<RailAccountSnapshot> {
    const known = await this.accounts.byRail(tx, 'stripe');
    if (known) return this.replaceKey(tx, known, found, command);
    const account: RailAccountSnapshot = {
      id: newId(),
      rail: 'stripe',
      providerAccountId: found.id,
      mode: found.mode,
      createdAt: new Date(),
      status: 'active',
      pausedReason: null,
      pausedBy: null,
      pausedAt: null,
    };
    if (await this.accounts.add(tx, account, command.secretKey)) {
      await this.accounts.recordChange(tx, account.id, {
        kind: 'connected',
        reason: 'connected by the tenant',
        actor: nameOf(command.actor),
      });
      const { rail, providerAccountId, mode } = account;
      await this.audit.record(tx, command.actor, {
        action: 'rail_account.connected',
        entity: entityOf(account),
        after: { rail, provider_account_id: providerAccountId, mode },
      });
      return account;
    }
    // Lost a race against this tenant's own request, or the account is somebody else's.
    const winner = await this.accounts.byRail(tx, 'stripe');
    if (!winner) throw new ProviderAccountTaken();
    return this.replaceKey(tx, winner, found, command);
  }

  private async replaceKey(
    tx: Tx,
    known: RailAccountSnapshot,
    found: ProviderAccount,
    command: ConnectCommand,
  ): Promise<RailAccountSnapshot> {
    if (known.providerAccountId !== found.id || known.mode !== found.mode) throw new RailAccountExists();
    // Every start brings the key of the environment again: that is no change.
    if (!(await this.accounts.replaceSecretKey(tx, known.id, command.secretKey))) return known;
    await this.accounts.recordChange(tx, known.id, {
      kind: 'key_replaced',
      reason: 'a new key was given',
      actor: nameOf(command.actor),
    });
    await this.audit.record(tx, command.actor, {
      action: 'rail_account.key_replaced',
      entity: entityOf(known),
      after: { secret_key: 'replaced' },
    });
    return known;
  }
}

function entityOf({ id }: RailAccountSnapshot) {
  return { kind: 'rail_account', id };
}
