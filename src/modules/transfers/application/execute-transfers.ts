import { Injectable } from '@nestjs/common';
import type { TenantId } from '../../../kernel/ids';
import { TokenBucket } from '../../../platform/cache';
import { failpoint } from '../../../platform/failpoints';
import { Log } from '../../../platform/logging';
import { type Histogram, Metrics } from '../../../platform/metrics';
import { sendGuarded } from '../../../platform/provider-calls';
import type { CallOutcome } from '../domain/call-outcome';
import { type AccountSteps, AccountWorker } from './account-worker';
import { type ClaimedCall, ClaimTransfers } from './claim-transfers';
import { type LookUp, TransferGateway } from './ports';
import { RecordOutcomes, type CallResult } from './record-outcomes';

/** How fast and how broadly one account is worked on by one process. */
export abstract class ExecutionLimits {
  /** Calls to the provider in flight for one account. */
  abstract readonly concurrency: number;
  /** Transfers claimed, and outcomes recorded, in one transaction. */
  abstract readonly batch: number;
  /** Calls a second for one account, over all processes; 0 switches the pace off. */
  abstract readonly pacePerSecond: number;
  /** After this time the account goes to the back of the queue, so that other accounts are served. */
  abstract readonly timeLimitMs: number;
}

const SLOW_FOR_MS = 10_000;
const CALL_SECONDS = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/**
 * Works on one account until nothing is due or its time is up: pace, claim, send, record. Sending continues
 * while earlier outcomes are recorded.
 */
@Injectable()
export class ExecuteTransfers implements AccountSteps {
  private readonly calls: Histogram<'call' | 'outcome'>;

  constructor(
    private readonly claimTransfers: ClaimTransfers,
    private readonly gateway: TransferGateway,
    private readonly recordOutcomes: RecordOutcomes,
    private readonly pace: TokenBucket,
    private readonly limits: ExecutionLimits,
    private readonly log: Log,
    metrics: Metrics,
  ) {
    this.calls = metrics.histogram({
      name: 'disburse_provider_call_duration_seconds',
      help: 'Calls to the provider by kind and by outcome.',
      labels: ['call', 'outcome'],
      buckets: CALL_SECONDS,
    });
  }

  /** Returns whether more may be due. */
  execute(tenant: TenantId, railAccountId: string, stopping: () => boolean = () => false): Promise<boolean> {
    return new AccountWorker(tenant, railAccountId, this, stopping).work();
  }

  async claim(
    tenant: TenantId,
    railAccountId: string,
    free: number,
  ): Promise<ClaimedCall[] | 'paced' | 'nothing_due'> {
    const wanted = Math.min(free, this.limits.batch);
    const granted =
      this.limits.pacePerSecond > 0
        ? await this.pace.take(
            paceKey(tenant, railAccountId),
            wanted,
            this.limits.pacePerSecond,
            this.limits.pacePerSecond,
          )
        : wanted;
    if (granted === 0) return 'paced';
    return this.claimTransfers.execute(tenant, railAccountId, granted);
  }

  async send(call: ClaimedCall): Promise<CallResult> {
    const startedAt = performance.now();
    const outcome = await this.makeCall(call).catch((error: unknown) => failureOf(error));
    this.calls.observe(
      { call: call.callKind, outcome: outcome.kind },
      (performance.now() - startedAt) / 1_000,
    );
    if (outcome.httpStatus === 429) await this.slow(call);
    this.log.info('transfer.called', fieldsOf(call, outcome));
    return { call, outcome };
  }

  /** Outside any transaction. */
  private makeCall(call: ClaimedCall): Promise<CallOutcome> {
    const account = { tenant: call.tenant, railAccountId: call.railAccountId };
    return sendGuarded(call, () =>
      call.callKind === 'send'
        ? this.gateway.send(account, call.frozen)
        : this.gateway.lookUp(account, lookUpOf(call)),
    );
  }

  async record(tenant: TenantId, results: readonly CallResult[]): Promise<void> {
    await this.recordOutcomes.execute(tenant, results);
    await failpoint('recorded');
  }

  /** If the pace cannot be lowered, the outcome must still be recorded. */
  private async slow({ tenant, railAccountId }: ClaimedCall): Promise<void> {
    await this.pace
      .slow(paceKey(tenant, railAccountId), SLOW_FOR_MS)
      .catch((error: unknown) =>
        this.log.warn('transfers.not_slowed', { rail_account_id: railAccountId, error }),
      );
  }

  get settings(): ExecutionLimits {
    return this.limits;
  }
}

/** A defect during the call: whether bytes were sent is not known. */
function failureOf(error: unknown): CallOutcome {
  const reason = error instanceof Error ? error.name : 'error';
  return {
    kind: 'unknown',
    stored: false,
    soon: false,
    reason: `call_broke_off_${reason}`,
    httpStatus: null,
    providerCode: null,
    providerRequestId: null,
  };
}

function paceKey(tenant: TenantId, railAccountId: string): string {
  return `${tenant}:${railAccountId}`;
}

function fieldsOf(call: ClaimedCall, outcome: CallOutcome): Record<string, unknown> {
  return {
    tenant_id: call.tenant,
    transfer_id: call.transferId,
    attempt: call.attempt,
    generation: call.generation,
    call_kind: call.callKind,
    outcome: outcome.kind,
    http_status: outcome.httpStatus,
    provider_code: outcome.providerCode,
    provider_request_id: outcome.providerRequestId,
    reason: outcome.reason,
  };
}

function lookUpOf(call: ClaimedCall): LookUp {
  return {
    transferId: call.transferId,
    transferGroup: call.frozen.transferGroup,
    amountMinor: BigInt(call.frozen.amountMinor),
    currency: call.frozen.currency,
    destinations: call.destinationsUsed,
  };
}
