import { Injectable } from '@nestjs/common';
import type { Tx } from '../../../../../kernel/tx';
import { sql } from '../../../../../platform/database';
import { EndedAccessStore } from '../../application/ports';
import { purgeFamilies, purgeOneTimeTokens, purgeSessions } from './sql/ended-access.sql';

@Injectable()
export class PostgresEndedAccessStore extends EndedAccessStore {
  purgeSessions(tx: Tx, retainedS: number, limit: number): Promise<number> {
    return sql(tx).count(purgeSessions(retainedS, limit));
  }

  purgeFamilies(tx: Tx, retainedS: number, limit: number): Promise<number> {
    return sql(tx).count(purgeFamilies(retainedS, limit));
  }

  purgeOneTimeTokens(tx: Tx, retainedS: number, limit: number): Promise<number> {
    return sql(tx).count(purgeOneTimeTokens(retainedS, limit));
  }
}
