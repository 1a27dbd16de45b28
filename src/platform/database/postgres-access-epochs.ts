import { AccessChanged, AccessEpochs } from '../../kernel/access-epochs';
import type { TenantId } from '../../kernel/ids';
import type { Tx } from '../../kernel/tx';
import { type Sql, sql } from './sql';
import { contextOf } from './tx-context';

/**
 * Two numbers make an epoch: the tenant's and the installation's. Each only grows, so their sum is another
 * one when either was raised. Whoever locks both locks that of the installation first.
 */
const HOLD_EVERYWHERE = `SELECT platform.hold_installation_epoch()::text AS epoch`;

/** Changes nothing, and locks: a row that is not there could not be. */
const HOLD = `
  INSERT INTO platform.access_epochs (tenant_id, epoch) VALUES ($1, 0)
  ON CONFLICT (tenant_id) DO UPDATE SET epoch = access_epochs.epoch RETURNING (epoch + $2::bigint)::text
    AS epoch`;

const RAISE = `
  INSERT INTO platform.access_epochs (tenant_id, epoch) VALUES ($1, 1)
  ON CONFLICT (tenant_id) DO UPDATE SET epoch = access_epochs.epoch + 1`;

/** In one order, so that two who end at once wait instead of deadlocking. */
const RAISE_IN = `
  INSERT INTO platform.access_epochs (tenant_id, epoch) SELECT tenant, 1 FROM unnest($1::uuid[]) AS t (tenant)
    ORDER BY tenant
  ON CONFLICT (tenant_id) DO UPDATE SET epoch = access_epochs.epoch + 1`;

const RAISE_EVERYWHERE = `UPDATE platform.installation_epoch SET epoch = epoch + 1`;

/** Most tenants have no row: nobody's access was ever taken away there, which is epoch 0. */
const CURRENT = `
  SELECT (coalesce((SELECT epoch FROM platform.access_epochs WHERE tenant_id = $1), 0) + (SELECT epoch
    FROM platform.installation_epoch))::text AS epoch`;

const CURRENT_EVERYWHERE = `SELECT epoch::text FROM platform.installation_epoch`;

interface Epoch {
  readonly epoch: string;
}

export class PostgresAccessEpochs extends AccessEpochs {
  async lock(tx: Tx, known?: string): Promise<void> {
    await this.held(tx, contextOf(tx).tenant, known);
  }

  lockIn(tx: Tx, tenant: TenantId, known?: string): Promise<string> {
    return this.held(tx, tenant, known);
  }

  async lockInstallation(tx: Tx, known: string): Promise<void> {
    if ((await this.heldEverywhere(tx)) !== known) throw new AccessChanged();
  }

  async bump(tx: Tx): Promise<void> {
    await sql(tx).count({ name: 'access.raise', text: RAISE, values: [contextOf(tx).tenant] });
  }

  async bumpIn(tx: Tx, tenants: readonly TenantId[]): Promise<void> {
    await sql(tx).count({ name: 'access.raise-in', text: RAISE_IN, values: [tenants] });
  }

  async bumpInstallation(tx: Tx): Promise<void> {
    await sql(tx).count({ name: 'access.raise-everywhere', text: RAISE_EVERYWHERE, values: [] });
  }

  async current(tx: Tx): Promise<string> {
    const statement: Sql<Epoch> = { name: 'access.current', text: CURRENT, values: [contextOf(tx).tenant] };
    return (await sql(tx).one(statement)).epoch;
  }

  async currentOfInstallation(tx: Tx): Promise<string> {
    const statement: Sql<Epoch> = { name: 'access.current-everywhere', text: CURRENT_EVERYWHERE, values: [] };
    return (await sql(tx).one(statement)).epoch;
  }

  private async held(tx: Tx, tenant: TenantId | null, known?: string): Promise<string> {
    const there: Sql<Epoch> = {
      name: 'access.hold',
      text: HOLD,
      values: [tenant, await this.heldEverywhere(tx)],
    };
    const { epoch } = await sql(tx).one(there);
    if (known !== undefined && epoch !== known) throw new AccessChanged();
    return epoch;
  }

  private async heldEverywhere(tx: Tx): Promise<string> {
    const statement: Sql<Epoch> = { name: 'access.hold-everywhere', text: HOLD_EVERYWHERE, values: [] };
    return (await sql(tx).one(statement)).epoch;
  }
}
