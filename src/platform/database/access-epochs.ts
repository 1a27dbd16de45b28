import { AccessChanged, AccessEpochs } from '../../kernel/access-epochs';
import type { Tx } from '../../kernel/tx';
import { type Sql, sql } from './sql';
import { contextOf } from './tx-context';

/** Changes nothing, and locks: a row that is not there could not be. */
const HOLD = `
  INSERT INTO platform.access_epochs (tenant_id, epoch) VALUES ($1, 0)
  ON CONFLICT (tenant_id) DO UPDATE SET epoch = access_epochs.epoch RETURNING epoch::text`;

const RAISE = `
  INSERT INTO platform.access_epochs (tenant_id, epoch) VALUES ($1, 1)
  ON CONFLICT (tenant_id) DO UPDATE SET epoch = access_epochs.epoch + 1`;

/** Most tenants have no row: nobody's access was ever taken away there, which is epoch 0. */
const CURRENT = `SELECT coalesce((SELECT epoch FROM platform.access_epochs WHERE tenant_id = $1), 0)::text AS epoch`;

export class SqlAccessEpochs extends AccessEpochs {
  async hold(tx: Tx, known?: string): Promise<void> {
    const statement: Sql<{ epoch: string }> = { name: 'access.hold', text: HOLD, values: [contextOf(tx).tenant] };
    const { epoch } = await sql(tx).one(statement);
    if (known !== undefined && epoch !== known) throw new AccessChanged();
  }

  async raise(tx: Tx): Promise<void> {
    await sql(tx).count({ name: 'access.raise', text: RAISE, values: [contextOf(tx).tenant] });
  }

  async current(tx: Tx): Promise<string> {
    const statement: Sql<{ epoch: string }> = { name: 'access.current', text: CURRENT, values: [contextOf(tx).tenant] };
    return (await sql(tx).one(statement)).epoch;
  }
}
