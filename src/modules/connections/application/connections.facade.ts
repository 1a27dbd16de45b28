import { Injectable } from '@nestjs/common';
import type { Actor } from '../../../kernel/actor';
import { newId, type TenantId } from '../../../kernel/ids';
import type { Tx } from '../../../kernel/tx';
import type { PageWindow } from '../../../kernel/page-window';
import type { Rail, RailAccount, RailAccountFunding } from '../contract';
import { RailAccountMissing, RailAccountUnknown } from '../domain/errors';
import type { EndpointFamily } from '../domain/provider-event';
import { railAccountOf, type RailAccountSnapshot } from '../domain/rail-account';
import { ConnectStripe } from './connect-stripe';
import { ListFunding } from './list-funding.query';
import { OpenWebhookEndpoint } from './open-webhook-endpoint';
import { PauseRailAccount } from './pause-rail-account';
import { RailAccountStore } from './ports';

/** The interface of the connections module for other modules. */
@Injectable()
export class Connections {
  constructor(
    private readonly accounts: RailAccountStore,
    private readonly pauseRailAccount: PauseRailAccount,
    private readonly connect: ConnectStripe,
    private readonly openEndpoint: OpenWebhookEndpoint,
    private readonly listFunding: ListFunding,
  ) {}

  /**
   * Returns the account that pays on this rail. The account of the manual rail is created with its first use.
   *
   * @throws RailAccountMissing for a rail that is not connected
   */
  async railAccountFor(tx: Tx, rail: Rail): Promise<RailAccount> {
    const account = await this.accounts.byRail(tx, rail);
    if (account) return railAccountOf(account);
    if (rail === 'stripe') throw new RailAccountMissing(rail);
    return this.openManual(tx);
  }

  /** @throws RailAccountUnknown */
  async railAccount(tx: Tx, id: string): Promise<RailAccount> {
    const account = await this.accounts.byId(tx, id);
    if (!account) throw new RailAccountUnknown();
    return railAccountOf(account);
  }

  /** Newest first. */
  async railAccounts(tx: Tx, window: PageWindow): Promise<RailAccount[]> {
    return (await this.accounts.list(tx, window)).map(railAccountOf);
  }

  /** A repeat changes nothing and does not replace the reason. */
  pause(tx: Tx, id: string, reason: string, actor: Actor): Promise<RailAccount> {
    return this.pauseRailAccount.pause(tx, id, reason, actor);
  }

  resume(tx: Tx, id: string, reason: string, actor: Actor): Promise<RailAccount> {
    return this.pauseRailAccount.resume(tx, id, reason, actor);
  }

  /** Call it outside of any transaction: it reads the account of the key at the provider. */
  connectStripe(
    tenant: TenantId,
    secretKey: string,
    actor: Actor,
    accessEpoch?: string,
  ): Promise<RailAccount> {
    return this.connect.execute({ tenant, secretKey, actor, accessEpoch });
  }

  /** Creates an endpoint for the provider's events of one family, which are signed with `secret`. */
  openWebhookEndpoint(
    tx: Tx,
    endpoint: { family: EndpointFamily; secret: string },
    actor: Actor,
  ): Promise<{ id: string }> {
    return this.openEndpoint.execute(tx, endpoint, actor);
  }

  /** Call it outside of any transaction: it reads the balances at the provider. Cached ones if that fails. */
  fundingOf(tenant: TenantId): Promise<RailAccountFunding[]> {
    return this.listFunding.execute(tenant);
  }

  private async openManual(tx: Tx): Promise<RailAccount> {
    const account: RailAccountSnapshot = {
      id: newId(),
      rail: 'manual',
      providerAccountId: null,
      mode: 'live',
      createdAt: new Date(),
      status: 'active',
      pausedReason: null,
      pausedBy: null,
      pausedAt: null,
    };
    if (await this.accounts.add(tx, account, null)) return railAccountOf(account);
    const winner = await this.accounts.byRail(tx, 'manual');
    if (!winner) throw new RailAccountMissing('manual');
    return railAccountOf(winner);
  }
}
