import { Injectable } from '@nestjs/common';
import type { TenantId } from '../../../../kernel/ids';
import type { Tx } from '../../../../kernel/tx';
import { sql } from '../../../../platform/database';
import { FeatureStore } from '../../application/ports';
import type { FeatureName } from '../../contract';
import { enabledFeatures, insertFeature, updateFeature } from './sql/features.sql';

@Injectable()
export class PostgresFeatureStore extends FeatureStore {
  async enabled(tx: Tx, id: TenantId): Promise<ReadonlySet<string>> {
    return new Set((await sql(tx).rows(enabledFeatures(id))).map(({ name }) => name));
  }

  async change(tx: Tx, id: TenantId, name: FeatureName, enabled: boolean): Promise<boolean> {
    await sql(tx).count(insertFeature(id, name));
    return (await sql(tx).count(updateFeature(id, name, enabled))) === 1;
  }
}
