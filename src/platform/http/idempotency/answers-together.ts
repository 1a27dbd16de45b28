import { AtMost } from '../../../kernel/at-most';
import { DomainError } from '../../../kernel/errors';
import type { Tx, UnitOfWork, Write } from '../../../kernel/tx';
import { CommitUnknown, LockTimeout, sql, writeOf } from '../../database';
import { type Answer, IdempotentAnswer } from './answer';
import { keyInUse } from './errors';
import { insertAnswers, type KeyUse, takenAmong } from './idempotency-keys.sql';
import { WAIT_MS } from './in-flight';

/**
 * To each order in its place an answer, or why it is refused; and what is to be written for those that are
 * answered.
 */
export interface Answers {
  readonly answers: readonly (Answer | DomainError)[];
  readonly writes: readonly Write[];
}

/**
 * Work for orders of one tenant at once. It only reads. Requests whose work has one name may be done
 * together.
 */
export interface WorkTogether<Order> {
  readonly name: string;
  run(tx: Tx, orders: readonly Order[]): Promise<Answers>;
}

/** A request that may be done together with others. */
export interface GatheredRequest<Order> {
  readonly work: WorkTogether<Order>;
  readonly accessEpoch: string;
  readonly use: KeyUse;
  readonly order: Order;
  /** The same in a transaction of its own. */
  readonly alone: (lockTimeoutMs: number) => Promise<IdempotentAnswer>;
}

/**
 * How long a list waits for somebody's lock. Its place is not worth more: others of the tenant are behind it.
 */
const LIST_WAIT_MS = 500;
/**
 * How long one of a list that failed does: whoever is not locked out has no need of it, and is not to wait
 * for those who are.
 */
const APART_WAIT_MS = 50;
const APART_AT_ONCE = 4;
const PATIENT_AT_ONCE = 4;

/**
 * Answers requests of one tenant in one transaction. Where that fails, one of them is at fault, or has lost
 * its access, and nobody else is to suffer for it: each is then done alone, a few at once, and hears of it as
 * soon as it is. Of those who wait for a lock a few may wait as long as a request alone does; the others are
 * told to come again.
 */
export class AnswersTogether {
  private readonly apart = new AtMost(APART_AT_ONCE);
  private readonly patient = new AtMost(PATIENT_AT_ONCE);

  constructor(private readonly uow: UnitOfWork) {}

  async of<Order>(list: readonly GatheredRequest<Order>[]): Promise<Promise<IdempotentAnswer>[]> {
    const [first] = list as [GatheredRequest<Order>];
    if (list.length === 1) {
      const answer = first.alone(LIST_WAIT_MS);
      await answer.catch(() => undefined);
      return [this.orPatiently(first, answer)];
    }
    try {
      return await this.uow.run(first.use.tenant, (tx) => this.inOne(tx, list), {
        accessEpoch: first.accessEpoch,
        lockTimeoutMs: LIST_WAIT_MS,
      });
    } catch (error) {
      if (error instanceof CommitUnknown) throw error;
      return list.map((one) =>
        this.orPatiently(
          one,
          this.apart.run(() => one.alone(APART_WAIT_MS)),
        ),
      );
    }
  }

  private async inOne<Order>(
    tx: Tx,
    list: readonly GatheredRequest<Order>[],
  ): Promise<Promise<IdempotentAnswer>[]> {
    const [
      {
        work,
        use: { tenant },
      },
    ] = list as [GatheredRequest<Order>];
    const taken = new Set(
      (
        await sql(tx).rows(
          takenAmong(
            tenant,
            list.map(({ use }) => use.key),
          ),
        )
      ).map(({ key }) => key),
    );
    const fresh = list.filter(({ use }) => !taken.has(use.key));
    const { answers, writes } = await work.run(
      tx,
      fresh.map(({ order }) => order),
    );
    const outcomes = new Map(fresh.map(({ use }, nth) => [use, outcomeOf(use, answers[nth])]));
    const answered = [...outcomes].flatMap(([use, answer]) =>
      answer instanceof IdempotentAnswer ? [{ use, answer }] : [],
    );
    this.uow.writeLast(tx, [...writes, writeOf(insertAnswers, answered)]);
    return list.map(({ use }) => told(outcomes.get(use) ?? keyInUse()));
  }

  private async orPatiently<Order>(
    one: GatheredRequest<Order>,
    answer: Promise<IdempotentAnswer>,
  ): Promise<IdempotentAnswer> {
    try {
      return await answer;
    } catch (refusal) {
      if (!(refusal instanceof LockTimeout) || this.patient.isFull) throw refusal;
      return this.patient.run(() => one.alone(WAIT_MS));
    }
  }
}

function outcomeOf(use: KeyUse, answer: Answer | DomainError | undefined): IdempotentAnswer | DomainError {
  if (!answer) throw new Error('work answered fewer orders than it was given');
  return answer instanceof DomainError ? answer : IdempotentAnswer.first(answer, use.fingerprint);
}

function told(outcome: IdempotentAnswer | Error): Promise<IdempotentAnswer> {
  if (outcome instanceof IdempotentAnswer) return Promise.resolve(outcome);
  const refused = Promise.reject<IdempotentAnswer>(outcome);
  // It is heard once its transaction has committed.
  refused.catch(() => undefined);
  return refused;
}
