import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { Principal } from '../../kernel/principal';
import { UnitOfWork } from '../../kernel/tx';
import { sql } from '../database';
import { fingerprintOf } from './fingerprint';
import { findResponse, type KeyUse, type StoredResponse } from './idempotency-keys.sql';
import { keyOf } from './key';
import { replay } from './replay';
import type { IdempotentResponse } from './response';

/** Reads responses that were stored under their keys. */
@Injectable()
export class StoredResponses {
  private readonly executed = new WeakSet<FastifyRequest>();

  constructor(private readonly uow: UnitOfWork) {}

  find({ tenant, key }: Omit<KeyUse, 'fingerprint'>): Promise<StoredResponse | null> {
    return this.uow.run(tenant, (tx) => sql(tx).maybe(findResponse(tenant, key)), { readOnly: true });
  }

  /** The response that is stored for this request, if any. @throws HttpProblem `idempotency_key_reused` */
  async replayOf(request: FastifyRequest, { tenantId }: Principal): Promise<IdempotentResponse | null> {
    const key = keyOf(request);
    const stored = key === null ? null : await this.find({ tenant: tenantId, key });
    return stored && replay(stored, fingerprintOf(request));
  }

  markExecuted(request: FastifyRequest): void {
    this.executed.add(request);
  }

  /** Whether the work was reached: an error after that is an error of the work itself. */
  wasExecuted(request: FastifyRequest): boolean {
    return this.executed.has(request);
  }
}
