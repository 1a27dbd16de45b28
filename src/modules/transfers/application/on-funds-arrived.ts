import { Injectable, type OnModuleInit } from '@nestjs/common';
import type { TenantId } from '../../../kernel/ids';
import { Reactions, type Reaction } from '../../../platform/outbox';
import { FUNDS_ARRIVED } from '../../connections/contract';
import { ResumeFunded } from './resume-funded';

/** The event is a hint: the balance is read again, and only as much goes as it covers. */
@Injectable()
export class OnFundsArrived implements Reaction<void>, OnModuleInit {
  readonly consumer = 'transfers.on-funds-arrived';
  readonly events = [FUNDS_ARRIVED];

  constructor(
    private readonly reactions: Reactions,
    private readonly resuming: ResumeFunded,
  ) {}

  onModuleInit(): void {
    this.reactions.register(this);
  }

  /**
   * Does its work here, outside the claim's transaction, because it reads at the provider; doing it twice
   * changes nothing.
   */
  async prepare(tenant: TenantId): Promise<void> {
    await this.resuming.run(tenant);
  }

  async react(): Promise<void> {}
}
