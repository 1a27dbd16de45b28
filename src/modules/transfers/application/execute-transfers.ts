import { Injectable } from '@nestjs/common';
import type { TenantId } from '../../../kernel/ids';
import { TokenBucket } from '../../../platform/cache';
import { failpoint } from '../../../platform/failpoints';
import { Log } from '../../../platform/logging';
import { type Histogram, Metrics } from '../../../platform/metrics';
import type { CallOutcome } from '../domain/call-outcome';
import { type ClaimedCall, ClaimTransfers } from './claim-transfers';
import { RecordOutcomes, type CallResult } from './record-outcomes';
import { SendCall } from './send-call';
import { Turn, type TurnWork } from './turn';

/** How fast and how broadly one account is worked on by one process. */
export abstract class ExecutionLimits {
  /** Calls to the provider in flight for one account. */
  abstract readonly concurrency: number;
  /** Transfers claimed, and outcomes recorded, in one transaction. */
  abstract readonly batch: number;
  /** Calls a second for one account, over all processes; 0 switches the pace off. */
  abstract readonly pacePerSecond: number;
  /** After so long the account goes to the back of the queue, so that others get their turn. */
  abstract readonly turnMs: number;
}

const SLOW_FOR_MS = 10_000;
const CALL_SECONDS = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/**
 * Works on one account until nothing is due or its turn is over: pace, claim, send, record. Sending goes on
 * while earlier outcomes are recorded; outcomes that arrive meanwhile are recorded together.
 */
@Injectable()
export class ExecuteTransfers implements TurnWork {
  private readonly calls: Histogram<'call' | 'outcome'>;

  constructor(
    private readonly claims: ClaimTransfers,
    private readonly sender: SendCall,
    private readonly recorder: RecordOutcomes,
    private readonly pace: TokenBucket,
    private readonly limits: ExecutionLimits,
    private readonly log: Log,
    metrics: Metrics,
  ) {
    this.calls = metrics.histogram({
      name: 'disburse_provider_call_duration_seconds',
      help: 'Calls to the provider by kind and by what they told.',
      labels: ['call', 'outcome'],
      buckets: CALL_SECONDS,
    });
  }

  /** Answers whether more may be due. */
  execute(tenant: TenantId, railAccountId: string, stopping: () => boolean = () => false): Promise<boolean> {
    return new Turn(tenant, railAccountId, this, stopping).run();
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
    return this.claims.execute(tenant, railAccountId, granted);
  }

  async send(call: ClaimedCall): Promise<CallResult> {
    const startedAt = performance.now();
    const outcome = await this.sender.execute(call).catch((error: unknown) => unexplained(error));
    this.calls.observe(
      { call: call.callKind, outcome: outcome.kind },
      (performance.now() - startedAt) / 1_000,
    );
    if (outcome.httpStatus === 429) await this.slow(call);
    this.log.info('transfer.called', fieldsOf(call, outcome));
    return { call, outcome };
  }

  async record(tenant: TenantId, results: readonly CallResult[]): Promise<void> {
    await this.recorder.execute(tenant, results);
    await failpoint('recorded');
  }

  /** A pace that cannot be slowed is no reason to lose an answer. */
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

/** A defect between claim and answer: whether bytes went out is not known. */
function unexplained(error: unknown): CallOutcome {
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
