import { setTimeout as delay } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { systemActor } from '../../../kernel/actor';
import type { TenantId } from '../../../kernel/ids';
import { DomainError } from '../../../kernel/errors';
import { type Tx, UnitOfWork } from '../../../kernel/tx';
import { failpoint } from '../../../platform/failpoints';
import { Log } from '../../../platform/logging';
import { Connections } from '../../connections';
import { Recipients } from '../../recipients';
import type { Moment } from '../domain/after-call';
import { type CallOutcome, proofOf } from '../domain/call-outcome';
import { TransferPolicy } from '../domain/policy';
import type { Transfer } from '../domain/transfer';
import type { TransferEffect } from '../domain/transfer-snapshot';
import type { ClaimedCall } from './claim-transfers';
import { type AttemptClosed, type Evidence, type EvidenceSource, TransferRepository } from './ports';
import { TransferEffects, type TransferOutcome } from './transfer-effects';

export interface CallResult {
  readonly call: ClaimedCall;
  readonly outcome: CallOutcome;
}

const ACTOR = 'worker';
const TRIES_MAX = 3;
const RETRY_AFTER_MS = 100;

/** Records the outcomes of calls of one tenant: one transaction for many, one for each when that fails. */
@Injectable()
export class RecordOutcomes {
  constructor(
    private readonly uow: UnitOfWork,
    private readonly transfers: TransferRepository,
    private readonly connections: Connections,
    private readonly recipients: Recipients,
    private readonly effects: TransferEffects,
    private readonly policy: TransferPolicy,
    private readonly log: Log,
  ) {}

  /**
   * Never throws: an outcome that cannot be recorded is left until its lease expires, and does not hold up
   * the others.
   */
  async execute(tenant: TenantId, results: readonly CallResult[]): Promise<void> {
    try {
      await this.whileUnavailable(() => this.uow.run(tenant, (tx) => this.record(tx, results)));
    } catch (error) {
      if (isUnavailable(error))
        return this.log.warn('transfers.not_recorded', { count: results.length, error });
      for (const result of results) await this.recordAlone(tenant, result);
    }
  }

  private async recordAlone(tenant: TenantId, result: CallResult): Promise<void> {
    try {
      await this.uow.run(tenant, (tx) => this.record(tx, [result]));
    } catch (error) {
      this.log.error('transfer.not_recorded', { transfer_id: result.call.transferId, error });
      if (!isUnavailable(error))
        await this.review(tenant, result).catch((failure) =>
          this.log.error('transfer.not_set_aside', { transfer_id: result.call.transferId, error: failure }),
        );
    }
  }

  private async record(tx: Tx, results: readonly CallResult[]): Promise<void> {
    const ids = results.map(({ call }) => call.transferId);
    const { now, transfers } = await this.transfers.lock(tx, ids);
    const byId = new Map(transfers.map((transfer) => [transfer.id, transfer]));
    const outcomes: TransferOutcome[] = [];
    const evidence: Evidence[] = [];
    for (const result of results) {
      const transfer = byId.get(result.call.transferId);
      if (!transfer) throw new Error(`transfer ${result.call.transferId} does not exist`);
      const moment = { now, jitter: Math.random(), actor: ACTOR };
      outcomes.push({ transfer, effect: this.applyTo(transfer, result, moment, evidence) });
    }
    await this.transfers.closeAttempts(tx, results.map(closedOf));
    if (evidence.length) await this.transfers.addEvidence(tx, evidence);
    const changed = transfers.filter(({ transitions }) => transitions.length > 0);
    await this.transfers.save(tx, changed);
    await this.effects.apply(tx, outcomes, ACTOR);
    await this.propagate(tx, results, transfers);
    this.alertOperators(results, transfers);
    await failpoint('recording_outcome');
  }

  /** Success is accepted from any worker at any time; every other outcome only from the holder of the lease. */
  private applyTo(
    transfer: Transfer,
    { call, outcome }: CallResult,
    moment: Moment,
    evidence: Evidence[],
  ): TransferEffect {
    const ours = transfer.holdsLease(call.leaseToken);
    const proof = proofOf(outcome);
    if (proof) {
      evidence.push({ transferId: call.transferId, at: proof, source: sourceOf(call, ours) });
      this.alertSecondPayment(transfer, proof.id);
      return transfer.complete(proof, moment);
    }
    if (outcome.kind === 'mismatched' && outcome.created)
      evidence.push({ transferId: call.transferId, at: outcome.created, source: 'answer' });
    if (!ours || outcome.kind === 'succeeded') {
      this.log.info('transfer.outcome_too_late', {
        transfer_id: call.transferId,
        attempt: call.attempt,
        outcome: outcome.kind,
      });
      return 'none';
    }
    return transfer.record(outcome, moment, this.policy);
  }

  /** A second transfer at the provider for what is paid or cancelled is lost money. */
  private alertSecondPayment(transfer: Transfer, providerTransferId: string): void {
    const { id, state, providerTransferId: first } = transfer.snapshot();
    const second = state === 'completed' && first !== providerTransferId;
    if (second || state === 'cancelled')
      this.log.error('transfer.second_at_provider', {
        transfer_id: id,
        state,
        provider_transfer_id: providerTransferId,
      });
  }

  /** A wrong API key stops the rail account; a recipient who cannot be paid is watched. */
  private async propagate(
    tx: Tx,
    results: readonly CallResult[],
    transfers: readonly Transfer[],
  ): Promise<void> {
    const misconfigured = new Map(
      results
        .filter((r) => r.outcome.kind === 'misconfigured')
        .map((r) => [r.call.railAccountId, r.outcome.reason]),
    );
    for (const [railAccountId, reason] of misconfigured)
      await this.connections.pause(tx, railAccountId, reason, systemActor(ACTOR));
    const blocked = transfers
      .map((transfer) => transfer.snapshot())
      .filter((s) => s.state === 'blocked_recipient');
    if (blocked.length) await this.recipients.watch(tx, [...new Set(blocked.map((s) => s.recipientId))]);
  }

  /** The transfer does not continue by itself, or our own requests contradicted each other. */
  private alertOperators(results: readonly CallResult[], transfers: readonly Transfer[]): void {
    for (const { id, state, reason } of transfers.map((transfer) => transfer.snapshot())) {
      if (state === 'needs_review') this.log.error('transfer.needs_review', { transfer_id: id, reason });
    }
    for (const { call, outcome } of results) {
      if (outcome.kind === 'key_conflict')
        this.log.error('transfer.key_conflict', { transfer_id: call.transferId, key: call.frozen.key });
    }
  }

  /** The outcome cannot be recorded as it is: an operator looks, and finds the evidence. */
  private async review(tenant: TenantId, { call, outcome }: CallResult): Promise<void> {
    await this.uow.run(tenant, async (tx) => {
      const { now, transfers } = await this.transfers.lock(tx, [call.transferId]);
      const [transfer] = transfers;
      const ours = transfer?.holdsLease(call.leaseToken) ?? false;
      const proof = proofOf(outcome);
      if (proof)
        await this.transfers.addEvidence(tx, [
          { transferId: call.transferId, at: proof, source: sourceOf(call, ours) },
        ]);
      if (!transfer || !ours) return;
      transfer.review('result_not_recorded', { now, jitter: 0, actor: ACTOR });
      await this.transfers.save(tx, [transfer]);
      await this.transfers.closeAttempts(tx, [closedOf({ call, outcome })]);
    });
  }

  private async whileUnavailable(work: () => Promise<void>): Promise<void> {
    for (let tries = 1; ; tries++) {
      try {
        return await work();
      } catch (error) {
        if (!isUnavailable(error) || tries === TRIES_MAX) throw error;
        await delay(RETRY_AFTER_MS * tries);
      }
    }
  }
}

function sourceOf(call: ClaimedCall, ours: boolean): EvidenceSource {
  return call.callKind === 'look_up' ? 'look_up' : ours ? 'answer' : 'late_answer';
}

function isUnavailable(error: unknown): boolean {
  return error instanceof DomainError && error.kind === 'unavailable';
}

function closedOf({ call, outcome }: CallResult): AttemptClosed {
  return { transferId: call.transferId, number: call.attempt, outcome };
}
