import { Injectable } from '@nestjs/common';
import { nameOf, type Actor } from '../../../kernel/actor';
import { newId, type TenantId } from '../../../kernel/ids';
import { type Tx, UnitOfWork } from '../../../kernel/tx';
import { AuditTrail } from '../../../platform/audit';
import type { RailAccount } from '../contract';
import { ProviderAccountTaken, RailAccountExists } from '../domain/errors';
import { railAccountOf, type RailAccountSnapshot } from '../domain/rail-account';
import { type ProviderAccount, ProviderAccountReader, RailAccountStore } from './ports';

interface ConnectCommand {
  readonly tenant: TenantId;
  readonly secretKey: string;
  readonly actor: Actor;
  readonly accessEpoch?: string | undefined;
}

/** Connects the tenant's Stripe account, or replaces the key of the connected account. */
@Injectable()
export class ConnectStripe {
  constructor(
    private readonly uow: UnitOfWork,
    private readonly accounts: RailAccountStore,
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
    const existing = await this.accounts.byRail(tx, 'stripe');
    if (existing) return this.replaceKey(tx, existing, found, command);
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
        after: { rail, provider_existingid: providerAccountId, mode },
      });
      return account;
    }
    // A concurrent request of this tenant was first, or the account belongs to another tenant.
    const winner = await this.accounts.byRail(tx, 'stripe');
    if (!winner) throw new ProviderAccountTaken();
    return this.replaceKey(tx, winner, found, command);
  }

  private async replaceKey(
    tx: Tx,
    existing: RailAccountSnapshot,
    found: ProviderAccount,
    command: ConnectCommand,
  ): Promise<RailAccountSnapshot> {
    if (existing.providerAccountId !== found.id || existing.mode !== found.mode)
      throw new RailAccountExists();
    // Every start of the program sends the key of the environment again, which is not a change.
    if (!(await this.accounts.replaceSecretKey(tx, existing.id, command.secretKey))) return existing;
    await this.accounts.recordChange(tx, existing.id, {
      kind: 'key_replaced',
      reason: 'a new key was given',
      actor: nameOf(command.actor),
    });
    await this.audit.record(tx, command.actor, {
      action: 'rail_account.key_replaced',
      entity: entityOf(existing),
      after: { secret_key: 'replaced' },
    });
    return existing;
  }
}

function entityOf({ id }: RailAccountSnapshot) {
  return { kind: 'rail_account', id };
}
