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
import { RailAccounts } from './ports';

/** What the modules above may ask about outside accounts. */
@Injectable()
export class Connections {
  constructor(
    private readonly accounts: RailAccounts,
    private readonly pauseRailAccount: PauseRailAccount,
    private readonly connect: ConnectStripe,
    private readonly openEndpoint: OpenWebhookEndpoint,
    private readonly listFunding: ListFunding,
  ) {}

  /**
   * The account a payment on this rail leaves from. Throws RailAccountMissing; the manual rail needs no
   * connecting.
   */
  async railAccountFor(tx: Tx, rail: Rail): Promise<RailAccount> {
    const known = await this.accounts.byRail(tx, rail);
    if (known) return railAccountOf(known);
    if (rail === 'stripe') throw new RailAccountMissing(rail);
    return this.openManual(tx);
  }

  /** Throws RailAccountUnknown. */
  async railAccount(tx: Tx, id: string): Promise<RailAccount> {
    const known = await this.accounts.byId(tx, id);
    if (!known) throw new RailAccountUnknown();
    return railAccountOf(known);
  }

  /** Newest first. */
  async railAccounts(tx: Tx, window: PageWindow): Promise<RailAccount[]> {
    return (await this.accounts.list(tx, window)).map(railAccountOf);
  }

  /** Saying it twice changes nothing; the first reason stays. */
  pause(tx: Tx, id: string, reason: string, actor: Actor): Promise<RailAccount> {
    return this.pauseRailAccount.pause(tx, id, reason, actor);
  }

  resume(tx: Tx, id: string, reason: string, actor: Actor): Promise<RailAccount> {
    return this.pauseRailAccount.resume(tx, id, reason, actor);
  }

  /** Asks the provider whose key it is: outside any transaction. */
  connectStripe(
    tenant: TenantId,
    secretKey: string,
    actor: Actor,
    accessEpoch?: string,
  ): Promise<RailAccount> {
    return this.connect.execute({ tenant, secretKey, actor, accessEpoch });
  }

  /** An address for the provider's events of one family, signed with `secret`. */
  openWebhookEndpoint(
    tx: Tx,
    endpoint: { family: EndpointFamily; secret: string },
    actor: Actor,
  ): Promise<{ id: string }> {
    return this.openEndpoint.execute(tx, endpoint, actor);
  }

  /** What lies at each account, read at the provider where it answers: outside any transaction. */
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
