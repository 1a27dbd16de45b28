import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { ConcurrencyLimit } from '../../../../kernel/concurrency-limit';
import { DomainError } from '../../../../kernel/errors';
import type { Principal } from '../../../../kernel/principal';
import { RequestBatcher } from '../../../../kernel/request-batcher';
import { type Tx, UnitOfWork } from '../../../../kernel/tx';
import { CommitUnknown, LockTimeout } from '../../../../platform/database';
import {
  Idempotency,
  IdempotentResponse,
  type KeyedRequest,
  keyInUse,
  keysWithResponse,
  type PlannedResponse,
  type RouteResponse,
  storeResponses,
  WAIT_MS,
} from '../../../../platform/idempotency';
import { CreatePayouts, isRejected, type PayoutRequest } from '../../application/create-payouts';
import type { PayoutSnapshot } from '../../domain/payout';
import { payoutDto } from './dto/payout.dto';

/**
 * While one batch of a tenant commits, the next is planned. A tenant that creates many payouts takes no more
 * connections than these.
 */
const BATCHES = { batchesAtOnce: 2, itemsMax: 100 };
/** How long a batch waits for a lock: it occupies one of the two places of its tenant. */
const BATCH_LOCK_TIMEOUT_MS = 500;
/** How long a request of a failed batch waits: requests that are not locked out must not wait for one that is. */
const ALONE_LOCK_TIMEOUT_MS = 50;
const ALONE_AT_ONCE = 4;
const PATIENT_AT_ONCE = 4;

interface Item {
  readonly keyed: KeyedRequest;
  readonly request: PayoutRequest;
}

/**
 * Creates one payout per request. Requests of a tenant that arrive at the same time share one transaction, so that
 * under load many pay for it together. If it fails, one of them has failed or lost its access, and the others must
 * not fail with it: each is then executed alone, a few at once, and gets its response as soon as it is done. Of
 * those that wait for a lock, a few may wait as long as a single request; the others get the error and retry.
 */
@Injectable()
export class BatchCreatePayouts {
  private readonly alone = new ConcurrencyLimit(ALONE_AT_ONCE);
  private readonly patient = new ConcurrencyLimit(PATIENT_AT_ONCE);
  private readonly batcher = new RequestBatcher<Item, IdempotentResponse>(
    (batch) => this.executeBatch(batch),
    BATCHES,
  );

  constructor(
    private readonly uow: UnitOfWork,
    private readonly idempotency: Idempotency,
    private readonly createPayouts: CreatePayouts,
  ) {}

  execute(request: FastifyRequest, principal: Principal, payout: PayoutRequest): Promise<IdempotentResponse> {
    return this.idempotency.execute(request, principal, {
      plan: (tx) => this.planOne(tx, payout),
      schedule: (keyed) =>
        this.batcher.add(`${keyed.tenant} ${keyed.accessEpoch}`, { keyed, request: payout }),
    });
  }

  private async planOne(tx: Tx, request: PayoutRequest): Promise<PlannedResponse> {
    const { outcomes, writes } = await this.createPayouts.execute(tx, [request]);
    const [outcome] = outcomes;
    if (!outcome) throw new Error('no outcome for the only request');
    if (isRejected(outcome)) throw outcome;
    return { ...createdResponse(outcome), writes };
  }

  /** Resolves when the place of the batch is free again; its requests may still be executed alone. */
  private async executeBatch(batch: readonly Item[]): Promise<Promise<IdempotentResponse>[]> {
    const [first] = batch as [Item];
    if (batch.length === 1) {
      const response = first.keyed.executeAlone(BATCH_LOCK_TIMEOUT_MS);
      await response.catch(() => undefined);
      return [this.orPatiently(first.keyed, response)];
    }
    const { tenant, accessEpoch } = first.keyed;
    try {
      return await this.uow.run(tenant, (tx) => this.planAndCommit(tx, batch), {
        accessEpoch,
        lockTimeoutMs: BATCH_LOCK_TIMEOUT_MS,
      });
    } catch (error) {
      if (error instanceof CommitUnknown) throw error;
      return batch.map(({ keyed }) =>
        this.orPatiently(
          keyed,
          this.alone.run(() => keyed.executeAlone(ALONE_LOCK_TIMEOUT_MS)),
        ),
      );
    }
  }

  private async planAndCommit(tx: Tx, batch: readonly Item[]): Promise<Promise<IdempotentResponse>[]> {
    const repeated = await keysWithResponse(
      tx,
      this.uow.tenantOf(tx),
      batch.map(({ keyed }) => keyed),
    );
    const fresh = batch.filter(({ keyed }) => !repeated.has(keyed.use.key));
    const { outcomes, writes } = await this.createPayouts.execute(
      tx,
      fresh.map(({ request }) => request),
    );
    const results = new Map(
      fresh.map(({ keyed }, index) => {
        const outcome = outcomes[index];
        if (!outcome) throw new Error('fewer outcomes than requests');
        return [keyed, isRejected(outcome) ? outcome : keyed.respond(createdResponse(outcome))];
      }),
    );
    const created = [...results].flatMap(([{ use }, response]) =>
      response instanceof IdempotentResponse ? [{ use, response }] : [],
    );
    this.uow.writeAndCommit(tx, [...writes, storeResponses(created)]);
    return batch.map(({ keyed }) => settled(results.get(keyed) ?? keyInUse()));
  }

  private async orPatiently(
    keyed: KeyedRequest,
    response: Promise<IdempotentResponse>,
  ): Promise<IdempotentResponse> {
    try {
      return await response;
    } catch (error) {
      if (!(error instanceof LockTimeout) || this.patient.isFull) throw error;
      return this.patient.run(() => keyed.executeAlone(WAIT_MS));
    }
  }
}

function settled(result: IdempotentResponse | DomainError | Error): Promise<IdempotentResponse> {
  if (result instanceof IdempotentResponse) return Promise.resolve(result);
  const rejected = Promise.reject<IdempotentResponse>(result);
  // Its request awaits it only after the transaction has committed.
  rejected.catch(() => undefined);
  return rejected;
}

function createdResponse(payout: PayoutSnapshot): RouteResponse {
  return { status: 201, body: payoutDto(payout), location: `/api/v1/payouts/${payout.id}` };
}
