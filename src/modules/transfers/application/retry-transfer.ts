import { Injectable } from '@nestjs/common';
import { nameOf, type Actor } from '../../../kernel/actor';
import { type DomainError, InvalidTransition } from '../../../kernel/errors';
import type { TenantId } from '../../../kernel/ids';
import { type Tx, UnitOfWork } from '../../../kernel/tx';
import { AuditTrail } from '../../../platform/audit';
import { Outbox } from '../../../platform/outbox';
import { Ledger } from '../../ledger';
import { TransferReopened } from '../contract';
import { transferReservedAgain } from '../domain/accounting';
import { type CallOutcome, heldBy } from '../domain/call-outcome';
import { LookUpFailed, ProviderHoldsTransfer, TransferInFlight, TransferNotFound } from '../domain/errors';
import { TransferPolicy } from '../domain/policy';
import type { Transfer } from '../domain/transfer';
import type { TransferSnapshot } from '../domain/transfer-snapshot';
import { TransferGateway, TransferRepository } from './ports';
import { auditRecordOf } from './transfer-audit';
import { factOf, TransferEffects } from './transfer-effects';
import { TransferWakeUps } from './transfer-wake-ups';

export interface RetryCommand {
  readonly tenant: TenantId;
  readonly transferId: string;
  readonly reason: string;
  readonly actor: Actor;
}

/** These continue by themselves: an operator only makes them due now. */
const WAITING = ['retryable', 'waiting_for_funds', 'blocked_recipient', 'pending'];

/**
 * An operator retries a transfer. One that has ended is opened again only after a look-up over every key and
 * destination ever used; if the provider holds the transfer, it is completed instead.
 */
@Injectable()
export class RetryTransfer {
  constructor(
    private readonly uow: UnitOfWork,
    private readonly transfers: TransferRepository,
    private readonly gateway: TransferGateway,
    private readonly effects: TransferEffects,
    private readonly ledger: Ledger,
    private readonly outbox: Outbox,
    private readonly wakeUps: TransferWakeUps,
    private readonly policy: TransferPolicy,
    private readonly audit: AuditTrail,
  ) {}

  /**
   * Throws TransferNotFound, InvalidTransition, TransferInFlight, ProviderHoldsTransfer, LookUpFailed,
   * InsufficientBalance.
   */
  async execute(command: RetryCommand): Promise<void> {
    const attempt = await this.uow.run(command.tenant, (tx) => this.begin(tx, command));
    if (attempt === null) return;
    const { transfer: before, number, destinations } = attempt;
    const outcome = await this.gateway.lookUp(
      { tenant: command.tenant, railAccountId: before.railAccountId },
      {
        transferId: before.id,
        transferGroup: `disburse_${before.id}`,
        amountMinor: before.amountMinor,
        currency: before.currency,
        destinations,
      },
    );
    const error = await this.uow.run(command.tenant, (tx) => this.end(tx, command, number, outcome));
    if (error) throw error;
  }

  /** Makes a waiting transfer due, or writes the attempt row of the look-up that must come first. */
  private async begin(tx: Tx, command: RetryCommand) {
    const { now, transfer } = await this.locked(tx, command.transferId);
    const snapshot = transfer.snapshot();
    if (snapshot.state === 'processing' || snapshot.state === 'unknown') throw new TransferInFlight();
    if (WAITING.includes(snapshot.state)) {
      transfer.resume({ now, jitter: 0, actor: nameOf(command.actor) }, command.reason);
      await this.transfers.save(tx, [transfer]);
      await this.recordAudit(tx, command, 'retried', snapshot, transfer);
      this.uow.afterCommit(tx, async () =>
        this.wakeUps.wake({ tenant: command.tenant, railAccountId: snapshot.railAccountId }),
      );
      return null;
    }
    if (snapshot.state !== 'failed_terminal' && snapshot.state !== 'needs_review')
      throw new InvalidTransition('transfer', snapshot.state, 'pending');
    if (snapshot.attempts === 0) return this.reopenUnsent(tx, transfer, command, now);
    const destinations = (await this.transfers.destinationsUsed(tx, [snapshot.id])).get(snapshot.id) ?? [];
    const number = transfer.countLookUp();
    await this.transfers.save(tx, [transfer]);
    // An earlier look-up whose process died left its row open.
    await this.transfers.abandonAttempts(tx, [snapshot.id]);
    await this.transfers.openAttempts(tx, [
      {
        transferId: snapshot.id,
        number,
        callKind: 'look_up',
        generation: snapshot.generation,
        key: `operator:${snapshot.id}:${number}`,
        destination: destinations[0] ?? '',
      },
    ]);
    await this.recordAudit(tx, command, 'looked_up', snapshot, transfer);
    return { transfer: snapshot, number, destinations };
  }

  /** It was never sent, so there is nothing to look up. */
  private async reopenUnsent(tx: Tx, transfer: Transfer, command: RetryCommand, now: Date): Promise<null> {
    await this.reopen(tx, transfer, command, now);
    return null;
  }

  /** Returns the error instead of throwing it, so that attempt, evidence and a first empty look-up are committed. */
  private async end(
    tx: Tx,
    command: RetryCommand,
    number: number,
    outcome: CallOutcome,
  ): Promise<DomainError | null> {
    const { now, transfer } = await this.locked(tx, command.transferId);
    await this.transfers.closeAttempts(tx, [{ transferId: command.transferId, number, outcome }]);
    await this.transfers.addEvidence(
      tx,
      heldBy(outcome).map((at) => ({ transferId: command.transferId, at, source: 'look_up' })),
    );
    if (outcome.kind === 'mismatched' || (outcome.kind === 'found' && outcome.found.length > 1))
      return new ProviderHoldsTransfer();
    if (outcome.kind !== 'found') return new LookUpFailed();
    const [held] = outcome.found;
    const before = transfer.snapshot();
    if (held) {
      const effect = transfer.complete(held, { now, jitter: 0, actor: nameOf(command.actor) });
      await this.transfers.save(tx, [transfer]);
      await this.effects.apply(tx, [{ transfer, effect }], nameOf(command.actor));
      await this.recordAudit(tx, command, 'retried', before, transfer);
      return null;
    }
    // An empty look-up proves nothing about a call that was made since.
    if (transfer.snapshot().attempts !== number)
      return new TransferInFlight('Another call was made during the look-up. Try again.');
    const countsFrom = transfer.recordEmptyLookUp(now, this.policy);
    if (countsFrom) {
      await this.transfers.save(tx, [transfer]);
      return new TransferInFlight(
        'The provider holds nothing yet, but an earlier call may still take effect. ' +
          `Try again after ${countsFrom.toISOString()}.`,
      );
    }
    await this.reopen(tx, transfer, command, now);
    return null;
  }

  private async reopen(tx: Tx, transfer: Transfer, command: RetryCommand, now: Date): Promise<void> {
    const before = transfer.snapshot();
    const { reserve } = transfer.reopen(command.reason, { now, jitter: 0, actor: nameOf(command.actor) });
    await this.transfers.save(tx, [transfer]);
    const snapshot = transfer.snapshot();
    if (reserve)
      await this.ledger.post(tx, [
        transferReservedAgain.build({ transfer: snapshot, actor: nameOf(command.actor) }),
      ]);
    await this.outbox.publish(tx, [TransferReopened.of(factOf(snapshot))]);
    await this.recordAudit(tx, command, 'retried', before, transfer);
    this.uow.afterCommit(tx, async () =>
      this.wakeUps.wake({ tenant: command.tenant, railAccountId: snapshot.railAccountId }),
    );
  }

  private recordAudit(
    tx: Tx,
    command: RetryCommand,
    action: string,
    before: TransferSnapshot,
    transfer: Transfer,
  ): Promise<void> {
    return this.audit.record(
      tx,
      command.actor,
      auditRecordOf(action, before, transfer.snapshot(), command.reason),
    );
  }

  private async locked(tx: Tx, id: string): Promise<{ now: Date; transfer: Transfer }> {
    const { now, transfers } = await this.transfers.lock(tx, [id]);
    const [transfer] = transfers;
    if (!transfer) throw new TransferNotFound();
    return { now, transfer };
  }
}
