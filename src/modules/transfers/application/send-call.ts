import { performance } from 'node:perf_hooks';
import { Injectable } from '@nestjs/common';
import { failpoint } from '../../../platform/failpoints';
import type { CallOutcome } from '../domain/call-outcome';
import type { ClaimedCall } from './claim-transfers';
import { TransferGateway } from './ports';

const CLOCK_SKEW_MAX_MS = 5 * 60_000;

/**
 * Makes one claimed call, outside any transaction. The guard stands here, in the sender itself: a worker that
 * was paused wakes up behind it, and a key must not be sent when the provider may have forgotten it.
 */
@Injectable()
export class SendCall {
  constructor(private readonly gateway: TransferGateway) {}

  async execute(call: ClaimedCall): Promise<CallOutcome> {
    const refusal = whyNot(call);
    if (refusal) return notSent(refusal);
    const account = { tenant: call.tenant, railAccountId: call.railAccountId };
    await failpoint('sent');
    const outcome =
      call.callKind === 'send'
        ? await this.gateway.send(account, call.frozen)
        : await this.gateway.lookUp(account, lookUpOf(call));
    await failpoint('effect');
    return outcome;
  }
}

/**
 * The monotonic clock carries the database's time forward; a process clock that is far off is a reason to
 * stop, not a clock.
 */
function whyNot(call: ClaimedCall): string | null {
  const databaseNowMs = call.claimedAt.getTime() + (performance.now() - call.claimedAtMs);
  if (databaseNowMs >= call.sendBefore.getTime()) return 'not_sent_in_time';
  if (Math.abs(Date.now() - databaseNowMs) > CLOCK_SKEW_MAX_MS) return 'clock_skew';
  return null;
}

function notSent(reason: string): CallOutcome {
  return { kind: 'no_effect', reason, httpStatus: null, providerCode: null, providerRequestId: null };
}

function lookUpOf(call: ClaimedCall) {
  return {
    transferId: call.transferId,
    transferGroup: call.frozen.transferGroup,
    amountMinor: BigInt(call.frozen.amountMinor),
    currency: call.frozen.currency,
    destinations: call.destinationsUsed,
  };
}
