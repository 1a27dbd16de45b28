import { Injectable } from '@nestjs/common';
import { newId, type TenantId } from '../../../kernel/ids';
import { type Tx, UnitOfWork } from '../../../kernel/tx';
import { failpoint } from '../../../platform/failpoints';
import { Outbox } from '../../../platform/outbox';
import { Ledger } from '../../ledger';
import { SettlementCancelled, SettlementRecorded, SettlementRejected } from '../contract';
import { CHUNK_AWARDS, settlementCancelled, settlementRecorded } from '../domain/accounting';
import { Settlement } from '../domain/settlement';
import type { SettlementSnapshot } from '../domain/settlement-snapshot';
import { CheckStream } from './check-stream';
import { AwardStore, ContestTaken, UploadStore, SettlementRepository } from './ports';
import { chunkOf } from './settlement-chunks';

/** `locked`: another process works on it. */
export type Advance = 'moved' | 'nothing_to_do' | 'locked';

/**
 * Processes a settlement that is too large for one transaction: checks a stream, records a chunk of awards, or
 * cancels one. Each step is a transaction of its own and leaves a consistent state, so that any process can do
 * the next step after a crash.
 */
@Injectable()
export class AdvanceSettlement {
  constructor(
    private readonly uow: UnitOfWork,
    private readonly settlements: SettlementRepository,
    private readonly awards: AwardStore,
    private readonly uploads: UploadStore,
    private readonly checkStream: CheckStream,
    private readonly ledger: Ledger,
    private readonly outbox: Outbox,
  ) {}

  /** Repeats steps until nothing is left to do or another process works on it. Returns the number of steps. */
  async execute(tenant: TenantId, id: string): Promise<number> {
    let steps = 0;
    while ((await this.step(tenant, id)) === 'moved') steps++;
    return steps;
  }

  async step(tenant: TenantId, id: string): Promise<Advance> {
    try {
      return await this.uow.run(tenant, (tx) => this.stepIn(tx, id));
    } catch (error) {
      // Another request recorded the contest after our check: the next step finds that settlement and rejects.
      if (error instanceof ContestTaken) return 'moved';
      throw error;
    }
  }

  private async stepIn(tx: Tx, id: string): Promise<Advance> {
    const snapshot = await this.settlements.tryLock(tx, id);
    if (!snapshot) return 'locked';
    const settlement = Settlement.rehydrate(snapshot);
    if (snapshot.state === 'checking') await this.check(tx, settlement);
    else if (snapshot.state === 'recording') await this.recordChunk(tx, settlement);
    else if (snapshot.state === 'cancelling') await this.cancelChunk(tx, settlement);
    else return 'nothing_to_do';
    await this.settlements.save(tx, settlement.snapshot());
    return 'moved';
  }

  private async check(tx: Tx, settlement: Settlement): Promise<void> {
    const { id } = settlement.snapshot();
    const verdict = await this.checkStream.execute(tx, settlement.snapshot());
    if ('accepted' in verdict) {
      settlement.accept(verdict.accepted);
      return;
    }
    settlement.reject(verdict.rejected);
    await this.uploads.discard(tx, id);
    await this.outbox.publish(tx, [SettlementRejected.of({ settlement_id: id })]);
  }

  private async recordChunk(tx: Tx, settlement: Settlement): Promise<void> {
    const snapshot = settlement.snapshot();
    const { id, recordedThrough: from } = snapshot;
    const [before] = from > 0 ? await this.awards.slice(tx, id, from - 1, 1) : [];
    const lines = await this.uploads.page(tx, id, before ?? null, CHUNK_AWARDS);
    if (lines.length === 0) throw new Error(`settlement ${id} has fewer stored lines than awards`);
    const awards = lines.map(({ recipientId, amountMinor, rank }, index) => ({
      id: newId(),
      position: from + index,
      recipientId,
      amountMinor,
      rank,
      explanation: null,
    }));
    await this.awards.add(tx, id, awards);
    await this.uploads.remove(tx, id, lines);
    await this.ledger.post(tx, [
      settlementRecorded.build(chunkOf(snapshot, from, awards, snapshot.createdBy)),
    ]);
    settlement.advanceRecording(awards.length, new Date());
    await failpoint('recording');
    if (settlement.snapshot().state === 'recording') return;
    await this.uploads.removeEmpty(tx, id);
    await this.outbox.publish(tx, [SettlementRecorded.of({ settlement_id: id })]);
  }

  /** Called for the first chunk by CancelSettlement, too, in the transaction of the cancel request. */
  async cancelChunk(tx: Tx, settlement: Settlement): Promise<void> {
    const snapshot: SettlementSnapshot = settlement.snapshot();
    const { id, reversedThrough: from } = snapshot;
    const awards = await this.awards.slice(tx, id, from, CHUNK_AWARDS);
    await this.ledger.post(tx, [
      settlementCancelled.build(chunkOf(snapshot, from, awards, snapshot.cancelledBy ?? snapshot.createdBy)),
    ]);
    settlement.advanceCancelling(awards.length);
    if (settlement.snapshot().state === 'cancelled')
      await this.outbox.publish(tx, [SettlementCancelled.of({ settlement_id: id })]);
  }
}
