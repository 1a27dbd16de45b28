import { Injectable } from '@nestjs/common';
import { type Tx, UnitOfWork } from '../../kernel/tx';
import { sql } from '../database';
import { listParked, type ParkedRow, releaseParked } from './sql/event-failures.sql';

export type ParkedEvent = ParkedRow;

/** Events that one consumer failed on ten times. They stay parked until an operator releases them. */
@Injectable()
export class ParkedEvents {
  constructor(private readonly uow: UnitOfWork) {}

  list(tx: Tx, limit: number): Promise<ParkedEvent[]> {
    return sql(tx).rows(listParked({ limit }));
  }

  /** Delivers them to that consumer again. Returns the number of events released. */
  release(tx: Tx, consumer: string, eventIds: string[]): Promise<number> {
    return sql(tx).count(releaseParked({ tenant: this.uow.tenantOf(tx), consumer, ids: eventIds }));
  }
}
