import { AccessChanged, AccessEpochs } from '../../kernel/access-epochs';
import type { TenantId } from '../../kernel/ids';
import type { Tx } from '../../kernel/tx';
import { type Sql, sql } from './sql';
import { contextOf } from './tx-context';

/**
 * An epoch is the sum of the tenant's number and the installation's. Both only grow, so the sum changes when
 * either is bumped. A transaction that locks both locks the installation's first.
 */
const LOCK_INSTALLATION = `SELECT platform.lock_installation_epoch()::text AS epoch`;

/** An update without a change: it locks the row, and inserts it where there is none to lock. */
const LOCK = `
  INSERT INTO platform.access_epochs (tenant_id, epoch) VALUES ($1, 0)
  ON CONFLICT (tenant_id) DO UPDATE SET epoch = access_epochs.epoch RETURNING (epoch + $2::bigint)::text
    AS epoch`;

const BUMP = `
  INSERT INTO platform.access_epochs (tenant_id, epoch) VALUES ($1, 1)
  ON CONFLICT (tenant_id) DO UPDATE SET epoch = access_epochs.epoch + 1`;

/** In the order of tenants, so that two concurrent bumps wait instead of deadlocking. */
const BUMP_IN = `
  INSERT INTO platform.access_epochs (tenant_id, epoch) SELECT tenant, 1 FROM unnest($1::uuid[]) AS t (tenant)
    ORDER BY tenant
  ON CONFLICT (tenant_id) DO UPDATE SET epoch = access_epochs.epoch + 1`;

const BUMP_INSTALLATION = `UPDATE platform.installation_epoch SET epoch = epoch + 1`;

/** Most tenants have no row, which is epoch 0: no access was ever taken away there. */
const CURRENT = `
  SELECT (coalesce((SELECT epoch FROM platform.access_epochs WHERE tenant_id = $1), 0) + (SELECT epoch
    FROM platform.installation_epoch))::text AS epoch`;

const CURRENT_OF_INSTALLATION = `SELECT epoch::text FROM platform.installation_epoch`;

interface EpochRow {
  readonly epoch: string;
}

const statement = (name: string, text: string, values: unknown[] = []): Sql<EpochRow> => ({
  name: `access.${name}`,
  text,
  values,
});

export class PostgresAccessEpochs extends AccessEpochs {
  async lock(tx: Tx, epoch?: string): Promise<void> {
    await this.locked(tx, contextOf(tx).tenant, epoch);
  }

  lockIn(tx: Tx, tenant: TenantId, epoch?: string): Promise<string> {
    return this.locked(tx, tenant, epoch);
  }

  async lockInstallation(tx: Tx, epoch: string): Promise<void> {
    if ((await this.lockedInstallation(tx)) !== epoch) throw new AccessChanged();
  }

  async bump(tx: Tx): Promise<void> {
    await sql(tx).count(statement('bump', BUMP, [contextOf(tx).tenant]));
  }

  async bumpIn(tx: Tx, tenants: readonly TenantId[]): Promise<void> {
    await sql(tx).count(statement('bump-in', BUMP_IN, [tenants]));
  }

  async bumpInstallation(tx: Tx): Promise<void> {
    await sql(tx).count(statement('bump-installation', BUMP_INSTALLATION));
  }

  async current(tx: Tx): Promise<string> {
    return (await sql(tx).one(statement('current', CURRENT, [contextOf(tx).tenant]))).epoch;
  }

  async currentOfInstallation(tx: Tx): Promise<string> {
    return (await sql(tx).one(statement('current-of-installation', CURRENT_OF_INSTALLATION))).epoch;
  }

  private async locked(tx: Tx, tenant: TenantId | null, expected?: string): Promise<string> {
    const values = [tenant, await this.lockedInstallation(tx)];
    const { epoch } = await sql(tx).one(statement('lock', LOCK, values));
    if (expected !== undefined && epoch !== expected) throw new AccessChanged();
    return epoch;
  }

  private async lockedInstallation(tx: Tx): Promise<string> {
    return (await sql(tx).one(statement('lock-installation', LOCK_INSTALLATION))).epoch;
  }
}
