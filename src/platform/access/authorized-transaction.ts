import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { AccessChanged } from '../../kernel/access-epochs';
import { type RunOptions, type Tx, UnitOfWork } from '../../kernel/tx';
import type { AuthenticatedUser, Principal } from '../../kernel/principal';
import { Authenticator } from './ports';

/**
 * Writes of a caller outside of `Idempotency`, which does the same by itself. The principal may be cached for some
 * seconds, so the transaction asserts its access epoch. If access changed since, the caller is authenticated again and
 * rejected, or the work runs with the current principal.
 */
@Injectable()
export class AuthorizedTransaction {
  constructor(
    private readonly uow: UnitOfWork,
    private readonly authenticator: Authenticator,
  ) {}

  /** In one transaction. @throws AccessChanged when it changed again meanwhile */
  run<T>(
    request: FastifyRequest,
    principal: Principal,
    work: (tx: Tx, principal: Principal) => Promise<T>,
    options?: Pick<RunOptions, 'lockTimeoutMs'>,
  ): Promise<T> {
    return this.retryingAccess(request, principal, (known) =>
      this.uow.run(known.tenantId, (tx) => work(tx, known), { ...options, accessEpoch: known.accessEpoch }),
    );
  }

  /** Before work whose transactions are its own from the start. Work that has begun is not stopped. */
  async admit(request: FastifyRequest, principal: Principal): Promise<void> {
    await this.run(request, principal, async () => undefined);
  }

  /** For work that opens a transaction of its own late: it must give it `principal.accessEpoch`. */
  async retryingAccess<T>(
    request: FastifyRequest,
    principal: Principal,
    work: (principal: Principal) => Promise<T>,
  ): Promise<T> {
    try {
      return await work(principal);
    } catch (error) {
      if (!(error instanceof AccessChanged) || !request.reauthenticate) throw error;
      await this.authenticator.forget(principal);
      const known = await request.reauthenticate();
      // The request was meant for the tenant before.
      if (known.tenantId !== principal.tenantId) throw error;
      return work(known);
    }
  }

  /**
   * What a person changes in the installation or its tenants. Its transaction must assert `person.accessEpoch`, or
   * check under locks of its own that the person still has the right: it may have been withdrawn since the request
   * was authenticated.
   */
  async withPerson<T>(
    request: FastifyRequest,
    person: AuthenticatedUser,
    work: (person: AuthenticatedUser) => Promise<T>,
  ): Promise<T> {
    try {
      return await work(person);
    } catch (error) {
      if (!(error instanceof AccessChanged) || !request.reauthenticateUser) throw error;
      return work(await request.reauthenticateUser());
    }
  }
}
