import { Injectable, type OnModuleInit } from '@nestjs/common';
import type { TenantId } from '../../../kernel/ids';
import { EventSubscriptions, type EventHandler } from '../../../platform/outbox';
import { FundsArrived, type FundsFact } from '../../connections/contract';
import { ResumeFunded } from './resume-funded';

/** The event is a hint: the balance is read again, and only as much goes as it covers. */
@Injectable()
export class OnFundsArrived implements EventHandler<FundsFact>, OnModuleInit {
  readonly consumer = 'transfers.on-funds-arrived';
  readonly events = [FundsArrived];

  constructor(
    private readonly reactions: EventSubscriptions,
    private readonly resumeFunded: ResumeFunded,
  ) {}

  onModuleInit(): void {
    this.reactions.register(this);
  }

  /**
   * Does its work here, outside the claim's transaction, because it reads at the provider; doing it twice
   * changes nothing.
   */
  async prefetch(tenant: TenantId): Promise<void> {
    await this.resumeFunded.execute(tenant);
  }

  async handle(): Promise<void> {}
}
