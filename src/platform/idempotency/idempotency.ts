import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { DomainError } from '../../kernel/errors';
import { UnitOfWork, type Tx, type PendingWrite } from '../../kernel/tx';
import { sql, sqlStateOf, pendingWrite } from '../database';
import { AuthorizedTransaction } from '../access';
import type { Principal } from '../../kernel/principal';
import { IdempotentResponse, type RouteResponse } from './response';
import {
  type BatchedResponses,
  BatchedWrites,
  type GatheredRequest,
  type BatchedIdempotentWrite,
} from './batched-writes';
import { keyInUse, keyMissing } from './errors';
import { fingerprintOf } from './fingerprint';
import { RequestBatcher } from './request-batcher';
import {
  claimKey,
  findKept,
  insertAnswers,
  keepAnswer,
  type Claim,
  type KeyUse,
} from './idempotency-keys.sql';
import { SingleFlight, WAIT_MS } from './single-flight';
import { keyOf } from './key';
import { isKeyConflict, isAccessDenied, replay } from './replay';

const LOCK_NOT_AVAILABLE = '55P03';
const NO_KEY = Buffer.alloc(0);
/**
 * Two lists: while one is at the disk, the next is planned. A tenant that writes much takes no more
 * connections than that.
 */
const TOGETHER = { listsAtOnce: 2, itemsMax: 100 };

export interface RunOptions {
  /** For bodies that are read as a stream; see `streamFingerprint`. */
  readonly fingerprint?: Buffer;
}

/** An answer, and what must be written for it. */
export interface WrittenAnswer extends RouteResponse {
  readonly writes: readonly PendingWrite[];
}

/**
 * Does the work of a request once per (tenant, key). The key's row is written in the one transaction of the
 * effect (before the work by
 * `run`, with its writes by the others): whoever comes second waits at the unique index, and a crash leaves neither. A marker
 * row committed first was rejected: it needs a clean-up that must guess whether the first caller is dead.
 */
@Injectable()
export class Idempotency {
  private readonly taken = new WeakSet<FastifyRequest>();
  private readonly inFlight = new SingleFlight<IdempotentResponse>();
  private readonly gathering: RequestBatcher<GatheredRequest<unknown>, IdempotentResponse>;

  constructor(
    private readonly uow: UnitOfWork,
    private readonly writes: AuthorizedTransaction,
  ) {
    const answers = new BatchedWrites(uow);
    this.gathering = new RequestBatcher((list) => answers.of(list), TOGETHER);
  }

  /**
   * `work` refuses by throwing, which leaves the key free. Without a key (on a route that does not require one) the work just runs.
   *
   * @throws HttpProblem `idempotency_key_reused`, `idempotency_key_in_use`
   */
  async run(
    request: FastifyRequest,
    principal: Principal,
    work: (tx: Tx, principal: Principal) => Promise<RouteResponse>,
    options: RunOptions = {},
  ): Promise<IdempotentResponse> {
    this.taken.add(request);
    const key = keyOf(request);
    if (!key)
      return this.writes.run(request, principal, async (tx, caller) =>
        IdempotentResponse.first(await work(tx, caller), NO_KEY),
      );
    const use = {
      tenant: principal.tenantId,
      key,
      fingerprint: options.fingerprint ?? fingerprintOf(request),
    };
    return this.inTurn(use, () => this.once(request, principal, use, work));
  }

  /**
   * As `run`, for work that only reads before it writes: its writes and the kept answer are one message. It
   * does not look for the key first; a repeat fails at it, or is refused by the work, and is then answered.
   * The key is required.
   *
   * @throws HttpProblem `idempotency_key_missing`, `idempotency_key_reused`, `idempotency_key_in_use`
   */
  async runSingle(
    request: FastifyRequest,
    principal: Principal,
    work: (tx: Tx, principal: Principal) => Promise<WrittenAnswer>,
  ): Promise<IdempotentResponse> {
    const use = this.use(request, principal);
    return this.inTurn(use, () =>
      this.orKept(use, () => this.atOnce(request, principal, use, work, WAIT_MS)),
    );
  }

  /**
   * As `runAtOnce`, in one transaction with what else is asked of `work` for the tenant at this moment: under
   * load what a transaction costs is paid by many.
   *
   * @throws HttpProblem `idempotency_key_missing`, `idempotency_key_reused`, `idempotency_key_in_use`
   */
  async runBatched<Order>(
    request: FastifyRequest,
    principal: Principal,
    work: BatchedIdempotentWrite<Order>,
    order: Order,
  ): Promise<IdempotentResponse> {
    const use = this.use(request, principal);
    const alone = (lockTimeoutMs: number) =>
      this.atOnce(
        request,
        principal,
        use,
        async (tx) => onlyOne(await work.execute(tx, [order])),
        lockTimeoutMs,
      );
    const { tenantId, accessEpoch } = principal;
    const asked = { work, accessEpoch, use, order, alone } as GatheredRequest<unknown>;
    return this.inTurn(use, () =>
      this.orKept(use, () => this.gathering.add(`${work.name} ${tenantId} ${accessEpoch}`, asked)),
    );
  }

  private use(request: FastifyRequest, { tenantId: tenant }: Principal): KeyUse {
    this.taken.add(request);
    const key = keyOf(request);
    if (!key) throw keyMissing();
    return { tenant, key, fingerprint: fingerprintOf(request) };
  }

  private async inTurn(use: KeyUse, work: () => Promise<IdempotentResponse>): Promise<IdempotentResponse> {
    const slot = `${use.tenant} ${use.key}`;
    const first = await this.inFlight.othersResult(slot);
    if (first)
      return replay(
        { fingerprint: first.fingerprint, status: first.status, body: first.bytes, location: first.location },
        use.fingerprint,
      );
    return this.inFlight.run(slot, work);
  }

  private atOnce(
    request: FastifyRequest,
    principal: Principal,
    use: KeyUse,
    work: (tx: Tx, principal: Principal) => Promise<WrittenAnswer>,
    lockTimeoutMs: number,
  ): Promise<IdempotentResponse> {
    return this.writes.run(
      request,
      principal,
      async (tx, caller) => {
        const { writes, ...answer } = await work(tx, caller);
        const first = IdempotentResponse.first(answer, use.fingerprint);
        this.uow.writeAndCommit(tx, [...writes, pendingWrite(insertAnswers, [{ use, answer: first }])]);
        return first;
      },
      { lockTimeoutMs },
    );
  }

  private async orKept(use: KeyUse, work: () => Promise<IdempotentResponse>): Promise<IdempotentResponse> {
    try {
      return await work();
    } catch (refusal) {
      if (isAccessDenied(refusal)) throw refusal;
      const kept = await this.kept(use).catch(() => null);
      if (kept) return replay(kept, use.fingerprint);
      throw isKeyConflict(refusal) ? keyInUse() : refusal;
    }
  }

  private once(
    request: FastifyRequest,
    principal: Principal,
    use: KeyUse,
    work: (tx: Tx, principal: Principal) => Promise<RouteResponse>,
  ): Promise<IdempotentResponse> {
    return this.writes.run(request, principal, async (tx, caller) => {
      const claim = await this.claim(tx, use);
      if (!claim.claimed) return replay(claim, use.fingerprint);
      const answer = IdempotentResponse.first(await work(tx, caller), use.fingerprint);
      await sql(tx).count(keepAnswer(use, answer.status, answer.bytes, answer.location));
      return answer;
    });
  }

  /** The kept answer to this request, if there is one. @throws HttpProblem `idempotency_key_reused` */
  async replayOf(request: FastifyRequest, principal: Principal): Promise<IdempotentResponse | null> {
    const key = keyOf(request);
    if (!key) return null;
    const use = { tenant: principal.tenantId, key, fingerprint: fingerprintOf(request) };
    const kept = await this.kept(use);
    return kept && replay(kept, use.fingerprint);
  }

  private kept({ tenant, key }: KeyUse): Promise<Omit<Claim, 'claimed'> | null> {
    return this.uow.run(tenant, (tx) => sql(tx).maybe(findKept(tenant, key)), { readOnly: true });
  }

  /** Whether `run` was reached: what was refused after that was refused by the work itself. */
  wasRun(request: FastifyRequest): boolean {
    return this.taken.has(request);
  }

  private async claim(tx: Tx, use: KeyUse): Promise<Claim> {
    try {
      return await sql(tx).one(claimKey(use));
    } catch (error) {
      throw sqlStateOf(error) === LOCK_NOT_AVAILABLE ? keyInUse() : error;
    }
  }
}

function onlyOne({ answers: [answer], writes }: BatchedResponses): WrittenAnswer {
  if (answer instanceof DomainError) throw answer;
  if (!answer) throw new Error('work that was asked for one answer gave none');
  return { ...answer, writes };
}
