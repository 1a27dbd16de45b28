import { Injectable } from '@nestjs/common';
import type { Actor } from '../../../kernel/actor';
import { newId, type TenantId } from '../../../kernel/ids';
import { type Currency, Money } from '../../../kernel/money';
import { type Tx, UnitOfWork } from '../../../kernel/tx';
import { AuditTrail } from '../../../platform/audit';
import { WakeUps } from '../../../platform/queue';
import { Outbox } from '../../../platform/outbox';
import { Recipients } from '../../recipients';
import type { Rail } from '../../transfers/contract';
import { SettlementRejected } from '../contract';
import type { Maker } from '../domain/approval';
import {
  IntakeGone,
  type Refusal,
  REFUSALS_SHOWN_MAX,
  SettlementRefused,
  StreamTooLong,
} from '../domain/errors';
import { AWARDS_MAX } from '../domain/plan';
import { type Rejection, Settlement, type SettlementSnapshot, type StreamHeader } from '../domain/settlement';
import { type AwardLine, type RawLine, readAwardLine } from './award-line';
import { PlanSettlement } from './plan-settlement';
import { type IntakeLine, IntakeStore, SettlementStore } from './ports';
import { settlementAudited } from './settlement-audited';
import { SETTLEMENTS_QUEUE, wakeUpKey } from './wake-up-key';

/** Lines that go into the database together: what is held in memory of a stream, whatever its length. */
const BATCH_LINES = 5_000;

export interface StreamAnnouncement {
  readonly contestId: string;
  readonly currency: string;
  readonly pool: string;
  readonly platformShare: string;
  readonly allowRemainder: boolean;
  readonly rail: Rail;
}

/** A stream on its way in. */
export interface Intake {
  readonly id: string;
  readonly currency: Currency;
  readonly header: StreamHeader;
}

/**
 * Takes a settlement of any size line by line. The lines go to an intake that nothing else reads; only when
 * the body has arrived whole does the intake become a settlement, in the one transaction that also keeps the
 * answer. A sender that goes away leaves an intake without a future, which is purged.
 */
@Injectable()
export class ReceiveStream {
  constructor(
    private readonly uow: UnitOfWork,
    private readonly planSettlement: PlanSettlement,
    private readonly recipients: Recipients,
    private readonly intakes: IntakeStore,
    private readonly settlements: SettlementStore,
    private readonly outbox: Outbox,
    private readonly audit: AuditTrail,
    private readonly wakeUps: WakeUps,
  ) {}

  /** Throws InvalidCurrency, InvalidAmount, SettlementRefused. */
  open(tenant: TenantId, announced: StreamAnnouncement): Promise<Intake> {
    return this.uow.run(tenant, async (tx) => {
      const { currency } = await this.planSettlement.currencyFor(tx, announced.currency);
      const poolMinor = Money.parse(announced.pool, currency).minor;
      if (poolMinor === 0n)
        throw new SettlementRefused([
          { code: 'invalid_amount', message: 'the pool must be above 0', line: null },
        ]);
      const platformShareMinor = Money.parse(announced.platformShare, currency).minor;
      const id = newId();
      await this.intakes.open(tx, id);
      return {
        id,
        currency,
        header: {
          contestId: announced.contestId,
          currency,
          poolMinor,
          platformShareMinor,
          allowRemainder: announced.allowRemainder,
          rail: announced.rail,
        },
      };
    });
  }

  /**
   * Reads to the end. Answers what is wrong with the lines, null when nothing is. Throws StreamTooLong,
   * IntakeGone.
   */
  async take(
    tenant: TenantId,
    intake: Intake,
    lines: AsyncIterable<readonly RawLine[]>,
  ): Promise<Rejection | null> {
    const problems = new FirstProblems();
    let batch: AwardLine[] = [];
    let count = 0;
    for await (const raws of lines) {
      count += raws.length;
      if (count > AWARDS_MAX) throw new StreamTooLong(AWARDS_MAX);
      for (const raw of raws) {
        const award = readAwardLine(raw, intake.currency);
        if ('code' in award) problems.add(award);
        else if (batch.push(award) === BATCH_LINES) {
          await this.keep(tenant, intake.id, batch, problems);
          batch = [];
        }
      }
    }
    if (batch.length > 0) await this.keep(tenant, intake.id, batch, problems);
    return problems.rejection();
  }

  /** The body is there: makes the settlement, which is then checked in the background. Throws IntakeGone. */
  async finish(
    tx: Tx,
    { id, header }: Intake,
    refused: Rejection | null,
    maker: Maker,
    actor: Actor,
  ): Promise<SettlementSnapshot> {
    if (!(await this.intakes.close(tx, id))) throw new IntakeGone();
    const settlement = Settlement.receive(header, refused, { id, ...maker, at: new Date() }).snapshot();
    await this.settlements.add(tx, settlement);
    await this.audit.record(tx, actor, settlementAudited('received', settlement));
    if (refused) {
      await this.intakes.discard(tx, id);
      await this.outbox.publish(tx, [SettlementRejected.of({ settlement_id: id })]);
    }
    this.wakeAfter(tx, id);
    return settlement;
  }

  /** The sender went away, or it was a repeat. Does nothing to a stream that was finished. */
  async abandon(tenant: TenantId, id: string): Promise<void> {
    await this.uow.run(tenant, async (tx) => {
      await this.intakes.abandon(tx, id);
      this.wakeAfter(tx, id);
    });
  }

  private async keep(
    tenant: TenantId,
    id: string,
    batch: readonly AwardLine[],
    problems: FirstProblems,
  ): Promise<void> {
    await this.uow
      .run(tenant, async (tx) => {
        const { known, refusals } = await this.resolve(tx, batch);
        // A stream with problems will be rejected: its lines are looked at for more of them, but no longer
        // kept.
        if (!(await this.intakes.add(tx, id, problems.none && refusals.length === 0 ? known : [])))
          throw new IntakeGone();
        return refusals;
      })
      .then((refusals) => refusals.forEach((refusal) => problems.add(refusal)));
  }

  private async resolve(
    tx: Tx,
    batch: readonly AwardLine[],
  ): Promise<{ known: IntakeLine[]; refusals: Refusal[] }> {
    const found = await this.recipients.resolve(
      tx,
      batch.map(({ payee }) => payee),
    );
    const known: IntakeLine[] = [];
    const refusals: Refusal[] = [];
    batch.forEach(({ line, payee, amountMinor, rank }, at) => {
      const recipient = found[at];
      if (!recipient)
        refusals.push({
          code: 'unknown_payee',
          message: `payee ${JSON.stringify(Object.values(payee)[0])} is not known`,
          line,
        });
      else if (!recipient.isActive)
        refusals.push({
          code: 'recipient_inactive',
          message: `recipient ${recipient.id} is not active`,
          line,
        });
      else known.push({ line, recipientId: recipient.id, amountMinor, rank });
    });
    return { known, refusals };
  }

  private wakeAfter(tx: Tx, id: string): void {
    const key = wakeUpKey(this.uow.tenantOf(tx), id);
    this.uow.afterCommit(tx, async () => this.wakeUps.wake(SETTLEMENTS_QUEUE, key));
  }
}

/** Counts all problems of a stream and keeps the first of them. */
class FirstProblems {
  private total = 0;
  private readonly first: Refusal[] = [];

  get none(): boolean {
    return this.total === 0;
  }

  add(problem: Refusal): void {
    if (this.total++ < REFUSALS_SHOWN_MAX) this.first.push(problem);
  }

  rejection(): Rejection | null {
    return this.none ? null : { total: this.total, problems: this.first };
  }
}
