import { Injectable } from '@nestjs/common';
import { type Tx, UnitOfWork } from '../../../../kernel/tx';
import { sql } from '../../../../platform/database';
import { ProviderEventStore } from '../../application/ports';
import type { ProviderEvent, UnmatchedReason } from '../../domain/provider-event';
import { insertProviderEvent } from './sql/webhook-endpoints.sql';

@Injectable()
export class PostgresProviderEventStore extends ProviderEventStore {
  constructor(private readonly uow: UnitOfWork) {
    super();
  }

  async add(
    tx: Tx,
    endpointId: string,
    event: ProviderEvent,
    unmatched: UnmatchedReason | null,
  ): Promise<boolean> {
    return (
      (await sql(tx).count(insertProviderEvent(this.uow.tenantOf(tx), endpointId, event, unmatched))) === 1
    );
  }
}
