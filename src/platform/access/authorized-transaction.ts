import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { AccessChanged } from '../../kernel/access-epochs';
import { type RunOptions, type Tx, UnitOfWork } from '../../kernel/tx';
import type { AuthenticatedUser, Principal } from '../../kernel/principal';
import { Authenticator } from './ports';

/**
 * What a caller changes, outside of `Idempotency`, which does the same by itself. Who calls may be known from
 * seconds ago, so the transaction itself asks whether access was changed since. If it was, the caller is
 * authenticated afresh and refused, or the work is done with what is true now.
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

  /** Before work whose transactions are its own from the start. What was admitted goes to its end. */
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
      // Somebody who was moved to another tenant meant the one before.
      if (known.tenantId !== principal.tenantId) throw error;
      return work(known);
    }
  }

  /**
   * What a person does to the installation or to its tenants. Its transaction must hold `person.accessEpoch`,
   * or see under locks of its own that they may still do it: whoever runs the installation may have been
   * ended since the guard looked.
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
