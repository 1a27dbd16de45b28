import { randomUUID } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import { Injectable } from '@nestjs/common';
import type { TenantId } from '../../../kernel/ids';
import { type Tx, UnitOfWork } from '../../../kernel/tx';
import { failpoint } from '../../../platform/failpoints';
import { Connections } from '../../connections';
import { Recipients } from '../../recipients';
import { Tenancy } from '../../tenancy';
import type { Transfer } from '../domain/transfer';
import { TransferPolicy } from '../domain/policy';
import type { FrozenCall } from '../domain/frozen-call';
import type { CallKind, TransferSnapshot } from '../domain/transfer-snapshot';
import { Consequences } from './consequences';
import { TransferGateway, TransferRepository, type AttemptOpened } from './ports';

/** One call that may be made, and until when. */
export interface ClaimedCall {
  readonly tenant: TenantId;
  readonly railAccountId: string;
  readonly transferId: string;
  readonly attempt: number;
  readonly generation: number;
  readonly callKind: CallKind;
  readonly leaseToken: string;
  readonly frozen: FrozenCall;
  readonly destinationsUsed: readonly string[];
  /** The database's clock at the claim, and this process's monotonic clock then. */
  readonly claimedAt: Date;
  readonly claimedAtMs: number;
  /** After this moment of the database's clock the call must not start. */
  readonly sendBefore: Date;
}

const ACTOR = 'worker';

/**
 * Takes due transfers of one account under a lease, in one short transaction, with an attempt row for each
 * call to come.
 */
@Injectable()
export class ClaimTransfers {
  constructor(
    private readonly uow: UnitOfWork,
    private readonly transfers: TransferRepository,
    private readonly tenancy: Tenancy,
    private readonly connections: Connections,
    private readonly recipients: Recipients,
    private readonly gateway: TransferGateway,
    private readonly consequences: Consequences,
    private readonly policy: TransferPolicy,
  ) {}

  /**
   * At most `limit` calls; none when all that was due had nowhere to go, and more may be due then. Throws
   * CommitUnknown when nobody can tell whether the claim stands: then nothing may be sent.
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
    // Of a suspended tenant no generation begins and none that is known to have moved nothing is tried again.
    const mayPay = await this.tenancy.mayPay(tx);
    const { now, transfers } = await (mayPay
      ? this.transfers.lockDue(tx, railAccountId, limit)
      : this.transfers.lockDueInDoubt(tx, railAccountId, limit));
    if (!transfers.length) return 'nothing_due';
    const before = transfers.map((transfer) => transfer.snapshot());
    const destinations = await this.destinationsOf(tx, before);
    const calls: ClaimedCall[] = [];
    const failed: Transfer[] = [];
    for (const [i, transfer] of transfers.entries()) {
      const leaseToken = randomUUID();
      const kind = transfer.claim(
        {
          now,
          jitter: 0,
          actor: ACTOR,
          leaseToken,
          destination: destinations.get((before[i] as TransferSnapshot).recipientId) ?? null,
          apiVersion: this.gateway.apiVersion,
        },
        this.policy,
      );
      if (kind) calls.push(this.callOf(tenant, transfer.snapshot(), kind, leaseToken, now));
      else failed.push(transfer);
    }
    await this.write(tx, before, transfers, calls, failed);
    const claimed = await this.withDestinationsUsed(tx, calls);
    if (claimed.length) await failpoint('claiming');
    return claimed;
  }

  private async write(
    tx: Tx,
    before: TransferSnapshot[],
    transfers: Transfer[],
    calls: ClaimedCall[],
    failed: Transfer[],
  ): Promise<void> {
    const left = before.filter((snapshot) => snapshot.state === 'processing').map((snapshot) => snapshot.id);
    if (left.length) await this.transfers.abandonAttempts(tx, left);
    if (calls.length) await this.transfers.openAttempts(tx, calls.map(attemptOf));
    await this.transfers.save(tx, transfers);
    await this.consequences.carryOut(
      tx,
      failed.map((transfer) => ({ transfer, consequence: 'released' as const })),
      ACTOR,
    );
  }

  /** Only a generation that begins needs to know where the money goes; the others carry it frozen. */
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

  private callOf(
    tenant: TenantId,
    s: TransferSnapshot,
    callKind: CallKind,
    leaseToken: string,
    now: Date,
  ): ClaimedCall {
    const leaseEnd = (s.leaseUntil as Date).getTime() - this.policy.callDeadlineMs;
    const windowEnd =
      callKind === 'send'
        ? (s.firstSentAt as Date).getTime() + this.policy.safeWindowMs
        : Number.POSITIVE_INFINITY;
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
      claimedAt: now,
      claimedAtMs: performance.now(),
      sendBefore: new Date(Math.min(leaseEnd, windowEnd)),
    };
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
