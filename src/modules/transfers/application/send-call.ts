import { Injectable } from '@nestjs/common';
import { sendGuarded } from '../../../platform/provider-calls';
import type { CallOutcome } from '../domain/call-outcome';
import type { ClaimedCall } from './claim-transfers';
import { type LookUp, TransferGateway } from './ports';

/** Makes one claimed call, outside any transaction. */
@Injectable()
export class SendCall {
  constructor(private readonly gateway: TransferGateway) {}

  execute(call: ClaimedCall): Promise<CallOutcome> {
    const account = { tenant: call.tenant, railAccountId: call.railAccountId };
    return sendGuarded(call, () =>
      call.callKind === 'send'
        ? this.gateway.send(account, call.frozen)
        : this.gateway.lookUp(account, lookUpOf(call)),
    );
  }
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
