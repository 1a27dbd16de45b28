import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { Actor } from '../../../kernel/actor';
import type { TenantId } from '../../../kernel/ids';
import {
  emptyLookUpCountsFrom,
  holdsLease,
  isLeased,
  ProviderCallPolicy,
} from '../../../kernel/provider-calls';
import { type Tx, UnitOfWork } from '../../../kernel/tx';
import { AuditTrail } from '../../../platform/audit';
import { Log } from '../../../platform/logging';
import { type CallPermit, permitFor, sendGuarded } from '../../../platform/provider-calls';
import { Connections, ProviderUnreachable, RailAccountRefused } from '../../connections';
import {
  type AccountOpening,
  accountOpened,
  afterCall,
  beginOpening,
  claimOpening,
  openedBy,
  type OpeningOutcome,
  type Payee,
} from '../domain/account-opening';
import {
  AccountOpeningInProgress,
  AccountOpeningRefused,
  RecipientInactive,
  RecipientUnknown,
} from '../domain/errors';
import { ConnectOpenedAccount, type Destination } from './connect-opened-account';
import {
  AccountOpeningRepository,
  ConnectedAccountStore,
  OnboardingGateway,
  RecipientRepository,
} from './ports';

export interface OpenAccountCommand {
  readonly tenant: TenantId;
  readonly accessEpoch?: string;
  readonly recipientId: string;
  readonly actor: Actor;
}

interface ClaimedOpening extends CallPermit {
  readonly opening: AccountOpening;
}

/** A generation that ends without an account for this recipient is followed by one more in the same request. */
const GENERATIONS_PER_REQUEST = 2;

/**
 * Returns the connected account of a recipient, or opens one by the protocol of kernel/provider-calls: the
 * claim is committed before the call; while a response is missing, the same key is sent again, and after the
 * safe window it is looked up (docs/adr/0031, docs/adr/0036).
 */
@Injectable()
export class OpenAccount {
  constructor(
    private readonly uow: UnitOfWork,
    private readonly connections: Connections,
    private readonly recipients: RecipientRepository,
    private readonly accounts: ConnectedAccountStore,
    private readonly openings: AccountOpeningRepository,
    private readonly gateway: OnboardingGateway,
    private readonly connectOpenedAccount: ConnectOpenedAccount,
    private readonly policy: ProviderCallPolicy,
    private readonly audit: AuditTrail,
    private readonly log: Log,
  ) {}

  async execute(command: OpenAccountCommand): Promise<Destination> {
    for (let generations = 1; generations <= GENERATIONS_PER_REQUEST; generations++) {
      const claimed = await this.claim(command);
      if ('stripeAccountId' in claimed) return claimed;
      const outcome = await this.call(command.tenant, claimed);
      const after = await this.record(command, claimed.opening, outcome);
      if ('stripeAccountId' in after) return after;
      if (!hasEndedWithoutAccount(after.opening)) throw this.errorOf(after.opening, outcome);
    }
    throw new ProviderUnreachable();
  }

  /** Throws CommitUnknown when it is not known whether the claim was committed: nothing is sent then. */
  claim(command: OpenAccountCommand): Promise<ClaimedOpening | Destination> {
    const { tenant, recipientId, actor, accessEpoch } = command;
    return this.uow.run(
      tenant,
      async (tx) => {
        const recipient = await this.recipients.lock(tx, recipientId);
        if (!recipient) throw new RecipientUnknown();
        if (!recipient.isActive) throw new RecipientInactive();
        const rail = await this.connections.railAccountFor(tx, 'stripe');
        const [connected] = await this.accounts.byRecipients(tx, [recipientId]);
        await this.audit.record(tx, actor, {
          action: 'recipient.onboarding_started',
          entity: { kind: 'recipient', id: recipientId },
          after: { stripe_account_id: connected?.stripeAccountId ?? null },
        });
        if (connected) return connected;
        const { apiVersion } = this.gateway;
        const { country, type } = recipient;
        return this.claimCall(tx, tenant, { recipientId, railAccountId: rail.id, apiVersion, country, type });
      },
      { accessEpoch },
    );
  }

  private async claimCall(tx: Tx, tenant: TenantId, payee: Payee): Promise<ClaimedOpening> {
    const { now, opening: latest } = await this.openings.latest(tx, payee.recipientId);
    const opening =
      latest?.state === 'open' ? latest : beginOpening(payee, tenant, (latest?.generation ?? 0) + 1);
    if (isLeased(opening, now)) throw new AccountOpeningInProgress(opening.leaseUntil as Date);
    const claimed = claimOpening(opening, randomUUID(), now, this.policy);
    await this.openings.put(tx, claimed);
    return { opening: claimed, ...permitFor(claimed, now, this.policy) };
  }

  /** Outside any transaction. */
  private call(tenant: TenantId, claimed: ClaimedOpening): Promise<OpeningOutcome> {
    const { opening } = claimed;
    return sendGuarded(claimed, () =>
      opening.callKind === 'send'
        ? this.gateway.create(tenant, opening)
        : this.gateway.lookUp(tenant, opening),
    );
  }

  /** Success is accepted at any time; every other outcome only from the holder of the lease. */
  private record(
    { tenant, recipientId, actor }: OpenAccountCommand,
    claimed: AccountOpening,
    outcome: OpeningOutcome,
  ): Promise<{ opening: AccountOpening } | Destination> {
    return this.uow.run(tenant, async (tx) => {
      await this.recipients.lock(tx, recipientId);
      const { now, opening } = await this.openings.byGeneration(tx, recipientId, claimed.generation);
      if (!opening) throw new Error(`the opening ${claimed.key} does not exist`);
      const account = openedBy(outcome);
      if (account) {
        const opened = accountOpened(opening, account.stripeAccountId);
        await this.openings.put(tx, opened);
        return (await this.connectOpenedAccount.execute(tx, claimed, account, actor)) ?? { opening: opened };
      }
      if (!holdsLease(opening, claimed.leaseToken as string))
        throw new AccountOpeningInProgress(opening.leaseUntil ?? now);
      const after = afterCall(opening, outcome, now, this.policy);
      await this.openings.put(tx, after);
      return { opening: after };
    });
  }

  private errorOf(opening: AccountOpening, outcome: OpeningOutcome): unknown {
    this.log.warn('recipient.account_not_opened', {
      recipient_id: opening.recipientId,
      key: opening.key,
      outcome: outcome.kind,
      reason: outcome.reason,
      provider_code: outcome.providerCode,
    });
    if (outcome.kind === 'no_effect' && outcome.error) return outcome.error;
    if (opening.state === 'refused') return new AccountOpeningRefused(opening.providerCode);
    if (outcome.kind === 'misconfigured') return new RailAccountRefused();
    return outcome.kind === 'found'
      ? new AccountOpeningInProgress(emptyLookUpCountsFrom(opening, this.policy))
      : new ProviderUnreachable();
  }
}

/** No account was opened, or it was connected to another recipient meanwhile: the next generation may be sent. */
function hasEndedWithoutAccount({ state }: AccountOpening): boolean {
  return state === 'empty' || state === 'opened';
}
