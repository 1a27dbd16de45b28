import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { TenantId } from '../../../kernel/ids';
import { type Tx, UnitOfWork } from '../../../kernel/tx';
import type { CallKind } from '../../../kernel/provider-calls';
import { failpoint } from '../../../platform/failpoints';
import { type CallPermit, permitFor } from '../../../platform/provider-calls';
import { Connections } from '../../connections';
import { Recipients } from '../../recipients';
import { Tenancy } from '../../tenancy';
import type { Transfer } from '../domain/transfer';
import { TransferPolicy } from '../domain/policy';
import type { FrozenCall, TransferSnapshot } from '../domain/transfer-snapshot';
import { TransferGateway, TransferRepository, type AttemptOpened } from './ports';
import { TransferEffects } from './transfer-effects';

/** One call to make, as it was claimed. */
export interface ClaimedCall extends CallPermit {
  readonly tenant: TenantId;
  readonly railAccountId: string;
  readonly transferId: string;
  readonly attempt: number;
  readonly generation: number;
  readonly callKind: CallKind;
  readonly leaseToken: string;
  readonly frozen: FrozenCall;
  readonly destinationsUsed: readonly string[];
}

const ACTOR = 'worker';

/** Claims due transfers of one account in one short transaction, with an attempt row for each call to make. */
@Injectable()
export class ClaimTransfers {
  constructor(
    private readonly uow: UnitOfWork,
    private readonly transfers: TransferRepository,
    private readonly tenancy: Tenancy,
    private readonly connections: Connections,
    private readonly recipients: Recipients,
    private readonly gateway: TransferGateway,
    private readonly effects: TransferEffects,
    private readonly policy: TransferPolicy,
  ) {}

  /**
   * Returns at most `limit` calls; an empty list when no due transfer had a destination, and then more may be
   * due. Throws CommitUnknown when it is not known whether the claim was committed: nothing may be sent then.
   */
  async execute(
    tenant: TenantId,
    railAccountId: string,
    limit: number,
  ): Promise<ClaimedCall[] | 'nothing_due'> {
    const calls = await this.uow.run(tenant, (tx) => this.claim(tx, tenant, railAccountId, limit));
    if (calls !== 'nothing_due' && calls.length) await failpoint('claimed');
    return calls;
  }

  private async claim(
    tx: Tx,
    tenant: TenantId,
    railAccountId: string,
    limit: number,
  ): Promise<ClaimedCall[] | 'nothing_due'> {
    const account = await this.connections.railAccount(tx, railAccountId);
    if (account.status !== 'active') return 'nothing_due';
    // For a suspended tenant only ambiguous calls are continued; nothing new is sent.
    const mayPay = await this.tenancy.mayPay(tx);
    const { now, transfers } = await (mayPay
      ? this.transfers.lockDue(tx, railAccountId, limit)
      : this.transfers.lockDueAmbiguous(tx, railAccountId, limit));
    if (!transfers.length) return 'nothing_due';
    const before = transfers.map((transfer) => transfer.snapshot());
    const destinations = await this.destinationsOf(tx, before);
    const calls: ClaimedCall[] = [];
    const failed: Transfer[] = [];
    for (const transfer of transfers) {
      const destination = destinations.get(transfer.snapshot().recipientId) ?? null;
      const call = this.claimOne(tenant, transfer, destination, now);
      if (call) calls.push(call);
      else failed.push(transfer);
    }
    await this.write(tx, before, transfers, calls, failed);
    const claimed = await this.withDestinationsUsed(tx, calls);
    if (claimed.length) await failpoint('claiming');
    return claimed;
  }

  private claimOne(
    tenant: TenantId,
    transfer: Transfer,
    destination: string | null,
    now: Date,
  ): ClaimedCall | null {
    const leaseToken = randomUUID();
    const { apiVersion } = this.gateway;
    const callKind = transfer.claim(
      { now, jitter: 0, actor: ACTOR, leaseToken, destination, apiVersion },
      this.policy,
    );
    if (!callKind) return null;
    const s = transfer.snapshot();
    return {
      tenant,
      railAccountId: s.railAccountId,
      transferId: s.id,
      attempt: s.attempts,
      generation: s.generation,
      callKind,
      leaseToken,
      frozen: s.frozen as FrozenCall,
      destinationsUsed: [],
      ...permitFor(s, now, this.policy),
    };
  }

  private async write(
    tx: Tx,
    before: TransferSnapshot[],
    transfers: Transfer[],
    calls: ClaimedCall[],
    failed: Transfer[],
  ): Promise<void> {
    const abandoned = before.filter(({ state }) => state === 'processing').map(({ id }) => id);
    if (abandoned.length) await this.transfers.abandonAttempts(tx, abandoned);
    if (calls.length) await this.transfers.openAttempts(tx, calls.map(attemptOf));
    await this.transfers.save(tx, transfers);
    await this.effects.apply(
      tx,
      failed.map((transfer) => ({ transfer, effect: 'released' as const })),
      ACTOR,
    );
  }

  /** Only a generation that begins needs a destination; the others have it frozen. */
  private async destinationsOf(
    tx: Tx,
    snapshots: readonly TransferSnapshot[],
  ): Promise<Map<string, string | null>> {
    const beginning = [...new Set(snapshots.filter((s) => !s.frozen).map((s) => s.recipientId))];
    if (!beginning.length) return new Map();
    const payable = await this.recipients.payableOf(tx, beginning);
    return new Map([...payable].map(([id, { stripeAccountId }]) => [id, stripeAccountId]));
  }

  private async withDestinationsUsed(tx: Tx, calls: ClaimedCall[]): Promise<ClaimedCall[]> {
    const lookUps = calls.filter((call) => call.callKind === 'look_up').map((call) => call.transferId);
    if (!lookUps.length) return calls;
    const used = await this.transfers.destinationsUsed(tx, lookUps);
    return calls.map((call) => ({ ...call, destinationsUsed: used.get(call.transferId) ?? [] }));
  }
}

function attemptOf(call: ClaimedCall): AttemptOpened {
  return {
    transferId: call.transferId,
    number: call.attempt,
    callKind: call.callKind,
    generation: call.generation,
    key: call.frozen.key,
    destination: call.frozen.destination,
  };
}
