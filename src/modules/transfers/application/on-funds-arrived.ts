import { Injectable, type OnModuleInit } from '@nestjs/common';
import type { TenantId } from '../../../kernel/ids';
import { EventSubscriptions, type EventHandler } from '../../../platform/outbox';
import { FundsArrived, type FundsFact } from '../../connections/contract';
import { ResumeFunded } from './resume-funded';

/** The event is a hint: the balance is read at the provider, and what it covers is resumed. */
@Injectable()
export class OnFundsArrived implements EventHandler<FundsFact>, OnModuleInit {
  readonly consumer = 'transfers.on-funds-arrived';
  readonly events = [FundsArrived];

  constructor(
    private readonly subscriptions: EventSubscriptions,
    private readonly resumeFunded: ResumeFunded,
  ) {}

  onModuleInit(): void {
    this.subscriptions.register(this);
  }

  /** The work is done here, outside the transaction, because it reads at the provider; repeating it is harmless. */
  async prefetch(tenant: TenantId): Promise<void> {
    await this.resumeFunded.execute(tenant);
  }

  async handle(): Promise<void> {}
}
