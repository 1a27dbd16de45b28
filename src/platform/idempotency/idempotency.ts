import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { Principal } from '../../kernel/principal';
import { type PendingWrite, type Tx, UnitOfWork } from '../../kernel/tx';
import { AuthorizedTransaction } from '../access';
import { sql, sqlStateOf } from '../database';
import { keyInUse, keyMissing } from './errors';
import { fingerprintOf } from './fingerprint';
import { type Claim, claimKey, type KeyUse, storeClaimedResponse } from './idempotency-keys.sql';
import { keyOf } from './key';
import { KeyedRequest, storeResponses } from './keyed-request';
import { isAccessDenied, isKeyConflict, replay } from './replay';
import { IdempotentResponse, type RouteResponse } from './response';
import { SingleFlight, WAIT_MS } from './single-flight';
import { StoredResponses } from './stored-responses';

const LOCK_NOT_AVAILABLE = '55P03';
const NO_FINGERPRINT = Buffer.alloc(0);

/** Work that reads and writes in its transaction. An error rolls it back and leaves the key free. */
export type Work<Prepared = undefined> = (
  tx: Tx,
  principal: Principal,
  prepared: Prepared,
) => Promise<RouteResponse>;

/** A response, and the writes of which it reports. */
export interface PlannedResponse extends RouteResponse {
  readonly writes: readonly PendingWrite[];
}

/** Work that only reads: its writes, the key with the response, and COMMIT are sent as one message. */
export interface PlannedWork {
  plan(tx: Tx, principal: Principal): Promise<PlannedResponse>;
  /** How the transaction is run, for example together with others. Default: at once, in one of its own. */
  schedule?(request: KeyedRequest): Promise<IdempotentResponse>;
}

export interface ExecuteOptions<Prepared = undefined> {
  /** For bodies that are read as a stream; see `streamFingerprint`. */
  readonly fingerprint?: Buffer;
  /** Runs outside any transaction, unless a response is stored. It must be safe to repeat. */
  readonly prepare?: () => Promise<Prepared>;
}

/**
 * Runs the work of a request once per tenant and key. The row of the key is written in the one transaction of
 * the effect: a concurrent repeat waits at its unique index, and a crash leaves neither. A marker row that is
 * committed first was rejected: its clean-up would have to guess whether the first request still runs.
 */
@Injectable()
export class Idempotency {
  private readonly inFlight = new SingleFlight<IdempotentResponse>();

  constructor(
    private readonly uow: UnitOfWork,
    private readonly transactions: AuthorizedTransaction,
    private readonly stored: StoredResponses,
  ) {}

  /**
   * Without a key, on a route that does not require one, the work just runs.
   * @throws HttpProblem `idempotency_key_missing`, `idempotency_key_reused`, `idempotency_key_in_use`
   */
  async execute<Prepared = undefined>(
    request: FastifyRequest,
    principal: Principal,
    work: Work<Prepared> | PlannedWork,
    options: ExecuteOptions<Prepared> = {},
  ): Promise<IdempotentResponse> {
    if (!options.prepare) return this.once(request, principal, work as Work | PlannedWork, options);
    const repeated = await this.stored.replayOf(request, principal);
    if (repeated) return repeated;
    await this.transactions.admit(request, principal);
    const prepared = await options.prepare();
    const afterwards: Work | PlannedWork =
      typeof work === 'function' ? (tx, caller) => work(tx, caller, prepared) : work;
    return this.once(request, principal, afterwards, options);
  }

  private async once(
    request: FastifyRequest,
    principal: Principal,
    work: Work | PlannedWork,
    options: Pick<ExecuteOptions, 'fingerprint'>,
  ): Promise<IdempotentResponse> {
    this.stored.markExecuted(request);
    const key = keyOf(request);
    if (key === null) return this.withoutKey(request, principal, work);
    const fingerprint = options.fingerprint ?? fingerprintOf(request);
    const use = { tenant: principal.tenantId, key, fingerprint };
    return this.inTurn(use, () =>
      typeof work === 'function'
        ? this.claimFirst(request, principal, use, work)
        : this.writeAtCommit(request, principal, use, work),
    );
  }

  private withoutKey(
    request: FastifyRequest,
    principal: Principal,
    work: Work | PlannedWork,
  ): Promise<IdempotentResponse> {
    if (typeof work !== 'function') throw keyMissing();
    return this.transactions.run(request, principal, async (tx, caller) =>
      IdempotentResponse.first(await work(tx, caller, undefined), NO_FINGERPRINT),
    );
  }

  /** A repeat in this process gets the response of the first request, without a connection of its own. */
  private async inTurn(use: KeyUse, work: () => Promise<IdempotentResponse>): Promise<IdempotentResponse> {
    const slot = `${use.tenant} ${use.key}`;
    const first = await this.inFlight.othersResult(slot);
    if (!first) return this.inFlight.run(slot, work);
    const { fingerprint, status, bytes: body, location } = first;
    return replay({ fingerprint, status, body, location }, use.fingerprint);
  }

  private claimFirst(
    request: FastifyRequest,
    principal: Principal,
    use: KeyUse,
    work: Work,
  ): Promise<IdempotentResponse> {
    return this.transactions.run(request, principal, async (tx, caller) => {
      const claim = await this.claim(tx, use);
      if (!claim.claimed) return replay(claim, use.fingerprint);
      const response = IdempotentResponse.first(await work(tx, caller, undefined), use.fingerprint);
      await sql(tx).count(storeClaimedResponse(use, response));
      return response;
    });
  }

  /** Does not look for the key first: a repeat fails at its unique index, or in `plan`, and is then replayed. */
  private async writeAtCommit(
    request: FastifyRequest,
    principal: Principal,
    use: KeyUse,
    work: PlannedWork,
  ): Promise<IdempotentResponse> {
    const keyed = new KeyedRequest(use, principal, (lockTimeoutMs) =>
      this.planAndCommit(request, principal, use, work, lockTimeoutMs),
    );
    try {
      return await (work.schedule?.(keyed) ?? keyed.executeAlone(WAIT_MS));
    } catch (error) {
      if (isAccessDenied(error)) throw error;
      const stored = await this.stored.find(use).catch(() => null);
      if (stored) return replay(stored, use.fingerprint);
      throw isKeyConflict(error) ? keyInUse() : error;
    }
  }

  private planAndCommit(
    request: FastifyRequest,
    principal: Principal,
    use: KeyUse,
    work: PlannedWork,
    lockTimeoutMs: number,
  ): Promise<IdempotentResponse> {
    return this.transactions.run(
      request,
      principal,
      async (tx, caller) => {
        const { writes, ...planned } = await work.plan(tx, caller);
        const response = IdempotentResponse.first(planned, use.fingerprint);
        this.uow.writeAndCommit(tx, [...writes, storeResponses([{ use, response }])]);
        return response;
      },
      { lockTimeoutMs },
    );
  }

  private async claim(tx: Tx, use: KeyUse): Promise<Claim> {
    try {
      return await sql(tx).one(claimKey(use));
    } catch (error) {
      throw sqlStateOf(error) === LOCK_NOT_AVAILABLE ? keyInUse() : error;
    }
  }
}
