import type { EntityTarget, ObjectLiteral, Repository } from 'typeorm';
import type { Tx } from '../../kernel/tx';
import { contextOf } from './tx-context';

/** A TypeORM repository bound to the transaction; nothing else in the project may reach a default manager. */
export function repository<R extends ObjectLiteral>(tx: Tx, row: EntityTarget<R>): Repository<R> {
  return contextOf(tx).runner.manager.getRepository(row);
}
