import { Injectable } from '@nestjs/common';
import { newId, type TenantId } from '../../../kernel/ids';
import { type Tx, UnitOfWork } from '../../../kernel/tx';
import { failpoint } from '../../../platform/failpoints';
import { Outbox } from '../../../platform/outbox';
import { Ledger } from '../../ledger';
import { SettlementCancelled, SettlementRecorded, SettlementRejected } from '../contract';
import { CHUNK_AWARDS, settlementCancelled, settlementRecorded } from '../domain/accounting';
import { Settlement, type SettlementSnapshot } from '../domain/settlement';
import { CheckStream } from './check-stream';
import { AwardStore, ContestTaken, IntakeStore, SettlementStore } from './ports';
import { chunkOf } from './settlement-chunks';

/** `elsewhere`: another process has it. */
export type Advance = 'moved' | 'nothing_to_do' | 'elsewhere';

/**
 * Takes a settlement that is too large for one transaction a step further: checks a stream, records a chunk,
 * takes a chunk back. Each step is a transaction of its own that leaves a whole state, so whoever comes next
 * goes on from there.
 */
@Injectable()
export class AdvanceSettlement {
  constructor(
    private readonly uow: UnitOfWork,
    private readonly settlements: SettlementStore,
    private readonly awards: AwardStore,
    private readonly intakes: IntakeStore,
    private readonly checkStream: CheckStream,
    private readonly ledger: Ledger,
    private readonly outbox: Outbox,
  ) {}

  /** Goes on until nothing is left to do, or somebody else does it. Answers the steps it made. */
  async execute(tenant: TenantId, id: string): Promise<number> {
    let steps = 0;
    while ((await this.step(tenant, id)) === 'moved') steps++;
    return steps;
  }

  async step(tenant: TenantId, id: string): Promise<Advance> {
    try {
      return await this.uow.run(tenant, (tx) => this.stepIn(tx, id));
    } catch (error) {
      // Somebody recorded the contest between our look and our write: the next step sees it and rejects.
      if (error instanceof ContestTaken) return 'moved';
      throw error;
    }
  }

  private async stepIn(tx: Tx, id: string): Promise<Advance> {
    const snapshot = await this.settlements.tryLock(tx, id);
    if (!snapshot) return 'elsewhere';
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
    await this.intakes.discard(tx, id);
    await this.outbox.publish(tx, [SettlementRejected.of({ settlement_id: id })]);
  }

  private async recordChunk(tx: Tx, settlement: Settlement): Promise<void> {
    const snapshot = settlement.snapshot();
    const { id, recordedThrough: from } = snapshot;
    const [before] = from > 0 ? await this.awards.slice(tx, id, from - 1, 1) : [];
    const lines = await this.intakes.page(tx, id, before ?? null, CHUNK_AWARDS);
    if (lines.length === 0) throw new Error(`settlement ${id} has lost lines of its stream`);
    const awards = lines.map(({ recipientId, amountMinor, rank }, at) => ({
      id: newId(),
      position: from + at,
      recipientId,
      amountMinor,
      rank,
      explanation: null,
    }));
    await this.awards.add(tx, id, awards);
    await this.intakes.remove(tx, id, lines);
    await this.ledger.post(tx, [
      settlementRecorded.build(chunkOf(snapshot, from, awards, snapshot.createdBy)),
    ]);
    settlement.advanceRecording(awards.length, new Date());
    await failpoint('recording');
    if (settlement.snapshot().state === 'recording') return;
    await this.intakes.removeEmpty(tx, id);
    await this.outbox.publish(tx, [SettlementRecorded.of({ settlement_id: id })]);
  }

  /**
   * Also the first chunk of a cancellation goes through here, inside the transaction of whoever asked for it.
   */
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
