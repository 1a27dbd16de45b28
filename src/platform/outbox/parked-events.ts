import { Injectable } from '@nestjs/common';
import { type Tx, UnitOfWork } from '../../kernel/tx';
import { sql } from '../database';
import { listParked, type ParkedRow, releaseParked } from './sql/event-failures.sql';

export type ParkedEvent = ParkedRow;

/** Events of a tenant that a consumer failed on ten times. They wait for somebody to mend the consumer. */
@Injectable()
export class ParkedEvents {
  constructor(private readonly uow: UnitOfWork) {}

  list(tx: Tx, limit: number): Promise<ParkedEvent[]> {
    return sql(tx).rows(listParked({ limit }));
  }

  /** Tells them to that consumer again. Answers how many were parked. */
  release(tx: Tx, consumer: string, eventIds: string[]): Promise<number> {
    return sql(tx).count(releaseParked({ tenant: this.uow.tenantOf(tx), consumer, ids: eventIds }));
  }
}
