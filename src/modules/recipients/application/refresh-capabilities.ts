import { Injectable } from '@nestjs/common';
import type { DomainEvent } from '../../../kernel/events';
import type { TenantId } from '../../../kernel/ids';
import { type Tx, UnitOfWork } from '../../../kernel/tx';
import { Log } from '../../../platform/logging';
import { Outbox } from '../../../platform/outbox';
import { afterReading, PAYABLE_EVENTS } from '../domain/connected-account';
import {
  AccountReader,
  type CapabilityReading,
  type ConnectedAccount,
  ConnectedAccountStore,
  type ProviderAccountState,
} from './ports';

/** Leaves most of Stripe's rate limit to transfers. */
const AT_ONCE = 5;

export interface Refreshed {
  readonly read: number;
  readonly failed: number;
}

/** Reads accounts at the provider, outside any transaction, and stores the readings, inside one. */
@Injectable()
export class RefreshCapabilities {
  constructor(
    private readonly uow: UnitOfWork,
    private readonly accounts: ConnectedAccountStore,
    private readonly reader: AccountReader,
    private readonly outbox: Outbox,
    private readonly log: Log,
  ) {}

  async execute(tenant: TenantId, recipientIds: readonly string[]): Promise<Refreshed> {
    const accounts = await this.uow.run(tenant, (tx) => this.accounts.byRecipients(tx, recipientIds), {
      readOnly: true,
    });
    const readings = await this.readAll(tenant, accounts);
    if (readings.length) await this.uow.run(tenant, (tx) => this.record(tx, readings));
    return { read: readings.length, failed: accounts.length - readings.length };
  }

  /** Returns the readings of the accounts that could be read. */
  async readAll(tenant: TenantId, accounts: readonly ConnectedAccount[]): Promise<CapabilityReading[]> {
    const readings: CapabilityReading[] = [];
    for (let i = 0; i < accounts.length; i += AT_ONCE) {
      const some = await Promise.all(
        accounts.slice(i, i + AT_ONCE).map((account) => this.read(tenant, account)),
      );
      readings.push(...some.filter((reading) => reading !== null));
    }
    return readings;
  }

  async record(tx: Tx, readings: readonly CapabilityReading[]): Promise<void> {
    const byRecipient = new Map(readings.map((reading) => [reading.recipientId, reading]));
    const changed: ConnectedAccount[] = [];
    const events: DomainEvent[] = [];
    for (const before of await this.accounts.lock(tx, [...byRecipient.keys()])) {
      const { account, change } = afterReading(
        before,
        byRecipient.get(before.recipientId) as CapabilityReading,
      );
      if (account !== before) changed.push(account);
      if (change) events.push(PAYABLE_EVENTS[change].of({ recipient_id: before.recipientId }));
    }
    await this.accounts.saveReadings(tx, changed);
    if (events.length) await this.outbox.publish(tx, events);
  }

  /** Reads one account with its requirements. Throws when it cannot be read. */
  async readNow(
    tenant: TenantId,
    { recipientId, stripeAccountId, railAccountId }: ConnectedAccount,
  ): Promise<{ reading: CapabilityReading; state: ProviderAccountState | null }> {
    const readAt = new Date();
    const state = await this.reader.read(tenant, railAccountId, stripeAccountId);
    // An account that no longer exists or is no longer connected cannot be paid: inactive.
    return {
      reading: {
        recipientId,
        stripeAccountId,
        transfersCapability: state?.transfersCapability ?? 'inactive',
        readAt,
      },
      state,
    };
  }

  private async read(tenant: TenantId, account: ConnectedAccount): Promise<CapabilityReading | null> {
    try {
      return (await this.readNow(tenant, account)).reading;
    } catch (error) {
      this.log.warn('recipients.account_unread', { recipient_id: account.recipientId, error });
      return null;
    }
  }
}
