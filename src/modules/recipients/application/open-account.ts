import { randomUUID } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import { Injectable } from '@nestjs/common';
import type { Actor } from '../../../kernel/actor';
import type { TenantId } from '../../../kernel/ids';
import { type Tx, UnitOfWork } from '../../../kernel/tx';
import { AuditTrail } from '../../../platform/audit';
import { Log } from '../../../platform/logging';
import { Connections, ProviderUnreachable, RailAccountRefused } from '../../connections';
import {
  type AccountOpening,
  accountOpened,
  afterCall,
  beginOpening,
  claimOpening,
  isBeingCalled,
  lookUpFrom,
  OpeningPolicy,
  sendBefore,
} from '../domain/account-opening';
import {
  AccountOpeningInProgress,
  AccountOpeningRefused,
  RecipientInactive,
  RecipientUnknown,
} from '../domain/errors';
import {
  AccountOpenings,
  ConnectedAccounts,
  OnboardingGateway,
  type OpenedAccount,
  type OpeningOutcome,
  RecipientStore,
} from './ports';
import { WriteDestination } from './write-destination';

export interface OpenAccountCommand {
  readonly tenant: TenantId;
  readonly accessEpoch?: string;
  readonly recipientId: string;
  readonly actor: Actor;
}

/** Where a recipient is onboarded. */
export interface Destination {
  readonly railAccountId: string;
  readonly stripeAccountId: string;
}

interface ClaimedOpening {
  readonly opening: AccountOpening;
  /** The database's clock at the claim, and this process's monotonic clock then. */
  readonly claimedAt: Date;
  readonly claimedAtMs: number;
}

/** One that ends without an account for this recipient gives way to the next, which is sent. */
const GENERATIONS_AT_ONCE = 2;
const CLOCK_SKEW_MAX_MS = 5 * 60_000;

/**
 * The connected account of a recipient: the one there is, or a new one by the protocol of transfers. A row
 * and a frozen key are committed before the call; while an answer is missing the same key is sent again, and
 * past the safe window it is looked up.
 */
@Injectable()
export class OpenAccount {
  constructor(
    private readonly uow: UnitOfWork,
    private readonly connections: Connections,
    private readonly store: RecipientStore,
    private readonly accounts: ConnectedAccounts,
    private readonly openings: AccountOpenings,
    private readonly gateway: OnboardingGateway,
    private readonly destination: WriteDestination,
    private readonly policy: OpeningPolicy,
    private readonly audit: AuditTrail,
    private readonly log: Log,
  ) {}

  async execute(command: OpenAccountCommand): Promise<Destination> {
    for (let tries = 1; tries <= GENERATIONS_AT_ONCE; tries++) {
      const claimed = await this.claim(command);
      if ('stripeAccountId' in claimed) return claimed;
      const outcome = await this.call(command.tenant, claimed);
      const after = await this.record(command, claimed.opening, outcome);
      if ('stripeAccountId' in after) return after;
      if (!hasEndedInVain(after.opening)) throw this.whyNot(after.opening, outcome);
    }
    throw new ProviderUnreachable();
  }

  /** Throws CommitUnknown when nobody can tell whether the claim stands: then nothing is sent. */
  claim({
    tenant,
    recipientId,
    actor,
    accessEpoch,
  }: OpenAccountCommand): Promise<ClaimedOpening | Destination> {
    return this.uow.run(
      tenant,
      async (tx) => {
        const recipient = await this.store.lock(tx, recipientId);
        if (!recipient) throw new RecipientUnknown();
        if (!recipient.isActive) throw new RecipientInactive();
        const rail = await this.connections.railAccountFor(tx, 'stripe');
        const [connected] = await this.accounts.byRecipients(tx, [recipientId]);
        const after = { stripe_account_id: connected?.stripeAccountId ?? null };
        await this.audit.record(tx, actor, {
          action: 'recipient.onboarding_started',
          entity: { kind: 'recipient', id: recipientId },
          after,
        });
        if (connected)
          return { railAccountId: connected.railAccountId, stripeAccountId: connected.stripeAccountId };
        const { now, opening: latest } = await this.openings.latest(tx, recipientId);
        const payee = {
          recipientId,
          railAccountId: rail.id,
          apiVersion: this.gateway.apiVersion,
          country: recipient.country,
          type: recipient.type,
        };
        const opening =
          latest?.state === 'open' ? latest : beginOpening(payee, tenant, (latest?.generation ?? 0) + 1);
        if (isBeingCalled(opening, now)) throw new AccountOpeningInProgress(opening.leaseUntil as Date);
        const claimed = claimOpening(opening, randomUUID(), now, this.policy);
        await this.openings.put(tx, claimed);
        return { opening: claimed, claimedAt: now, claimedAtMs: performance.now() };
      },
      { accessEpoch },
    );
  }

  /**
   * Outside any transaction. The guard stands before the call itself: a process that was paused wakes up
   * behind its lease.
   */
  private async call(
    tenant: TenantId,
    { opening, claimedAt, claimedAtMs }: ClaimedOpening,
  ): Promise<OpeningOutcome> {
    const databaseNowMs = claimedAt.getTime() + (performance.now() - claimedAtMs);
    if (databaseNowMs >= sendBefore(opening, this.policy).getTime()) return notSent('not_sent_in_time');
    if (Math.abs(Date.now() - databaseNowMs) > CLOCK_SKEW_MAX_MS) return notSent('clock_skew');
    return opening.callKind === 'create'
      ? this.gateway.create(tenant, opening)
      : this.gateway.lookUp(tenant, opening);
  }

  /** Success counts whoever learnt it; anything else only while the lease is ours. */
  private record(
    { tenant, recipientId, actor }: OpenAccountCommand,
    claimed: AccountOpening,
    outcome: OpeningOutcome,
  ): Promise<{ opening: AccountOpening } | Destination> {
    return this.uow.run(tenant, async (tx) => {
      await this.store.lock(tx, recipientId);
      const { now, opening } = await this.openings.one(tx, recipientId, claimed.generation);
      if (!opening) throw new Error(`the opening ${claimed.key} vanished`);
      if (outcome.kind === 'opened') {
        const opened = accountOpened(opening, outcome.account.stripeAccountId);
        await this.openings.put(tx, opened);
        return (await this.connect(tx, claimed, outcome.account, actor)) ?? { opening: opened };
      }
      if (opening.leaseToken !== claimed.leaseToken)
        throw new AccountOpeningInProgress(opening.leaseUntil ?? now);
      const after = afterCall(opening, outcome, now, this.policy);
      await this.openings.put(tx, after);
      return { opening: after };
    });
  }

  /**
   * Null when somebody named the account for another recipient meanwhile: it is theirs, and this generation
   * was in vain.
   */
  private async connect(
    tx: Tx,
    { recipientId, railAccountId, key }: AccountOpening,
    account: OpenedAccount,
    actor: Actor,
  ): Promise<Destination | null> {
    const { stripeAccountId, transfersCapability } = account;
    const notUsed = { recipient_id: recipientId, key, stripe_account_id: stripeAccountId };
    const [connected] = await this.accounts.byRecipients(tx, [recipientId]);
    if (connected) {
      // Somebody named another one meanwhile: it stays, and the one that was opened is not used.
      if (connected.stripeAccountId !== stripeAccountId)
        this.log.error('recipient.account_not_used', notUsed);
      return { railAccountId: connected.railAccountId, stripeAccountId: connected.stripeAccountId };
    }
    const [taken] = await this.accounts.byStripeAccounts(tx, railAccountId, [stripeAccountId]);
    if (taken) {
      this.log.error('recipient.account_not_used', { ...notUsed, taken_by_id: taken.recipientId });
      return null;
    }
    await this.destination.execute(
      tx,
      { recipientId, stripeAccountId, railAccountId, transfersCapability, checkedAt: new Date() },
      actor,
    );
    return { railAccountId, stripeAccountId };
  }

  private whyNot(opening: AccountOpening, outcome: OpeningOutcome): unknown {
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
    const from = outcome.kind === 'nothing_found' ? lookUpFrom(opening, this.policy) : null;
    return from ? new AccountOpeningInProgress(from) : new ProviderUnreachable();
  }
}

/** No account came of it, or one that is another recipient's by now: the next generation may be sent. */
function hasEndedInVain({ state }: AccountOpening): boolean {
  return state === 'empty' || state === 'opened';
}

function notSent(reason: string): OpeningOutcome {
  return { kind: 'no_effect', reason, providerCode: null, providerRequestId: null };
}
