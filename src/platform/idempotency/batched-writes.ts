import { ConcurrencyLimit } from '../../kernel/concurrency-limit';
import { DomainError } from '../../kernel/errors';
import type { Tx, UnitOfWork, PendingWrite } from '../../kernel/tx';
import { CommitUnknown, LockTimeout, sql, pendingWrite } from '../database';
import { type RouteResponse, IdempotentResponse } from './response';
import { keyInUse } from './errors';
import { insertAnswers, type KeyUse, takenAmong } from './idempotency-keys.sql';
import { WAIT_MS } from './single-flight';

/**
 * To each order in its place an answer, or why it is refused; and what is to be written for those that are
 * answered.
 */
export interface BatchedResponses {
  readonly answers: readonly (RouteResponse | DomainError)[];
  readonly writes: readonly PendingWrite[];
}

/**
 * Work for orders of one tenant at once. It only reads. Requests whose work has one name may be done
 * together.
 */
export interface BatchedIdempotentWrite<Order> {
  readonly name: string;
  execute(tx: Tx, orders: readonly Order[]): Promise<BatchedResponses>;
}

/** A request that may be done together with others. */
export interface GatheredRequest<Order> {
  readonly work: BatchedIdempotentWrite<Order>;
  readonly accessEpoch: string;
  readonly use: KeyUse;
  readonly order: Order;
  /** The same in a transaction of its own. */
  readonly alone: (lockTimeoutMs: number) => Promise<IdempotentResponse>;
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
export class BatchedWrites {
  private readonly apart = new ConcurrencyLimit(APART_AT_ONCE);
  private readonly patient = new ConcurrencyLimit(PATIENT_AT_ONCE);

  constructor(private readonly uow: UnitOfWork) {}

  async of<Order>(list: readonly GatheredRequest<Order>[]): Promise<Promise<IdempotentResponse>[]> {
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
  ): Promise<Promise<IdempotentResponse>[]> {
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
    const { answers, writes } = await work.execute(
      tx,
      fresh.map(({ order }) => order),
    );
    const outcomes = new Map(fresh.map(({ use }, nth) => [use, outcomeOf(use, answers[nth])]));
    const answered = [...outcomes].flatMap(([use, answer]) =>
      answer instanceof IdempotentResponse ? [{ use, answer }] : [],
    );
    this.uow.writeAndCommit(tx, [...writes, pendingWrite(insertAnswers, answered)]);
    return list.map(({ use }) => told(outcomes.get(use) ?? keyInUse()));
  }

  private async orPatiently<Order>(
    one: GatheredRequest<Order>,
    answer: Promise<IdempotentResponse>,
  ): Promise<IdempotentResponse> {
    try {
      return await answer;
    } catch (refusal) {
      if (!(refusal instanceof LockTimeout) || this.patient.isFull) throw refusal;
      return this.patient.run(() => one.alone(WAIT_MS));
    }
  }
}

function outcomeOf(
  use: KeyUse,
  answer: RouteResponse | DomainError | undefined,
): IdempotentResponse | DomainError {
  if (!answer) throw new Error('work answered fewer orders than it was given');
  return answer instanceof DomainError ? answer : IdempotentResponse.first(answer, use.fingerprint);
}

function told(outcome: IdempotentResponse | Error): Promise<IdempotentResponse> {
  if (outcome instanceof IdempotentResponse) return Promise.resolve(outcome);
  const refused = Promise.reject<IdempotentResponse>(outcome);
  // It is heard once its transaction has committed.
  refused.catch(() => undefined);
  return refused;
}
