import { Injectable } from '@nestjs/common';
import type { Actor } from '../../../kernel/actor';
import type { TenantId } from '../../../kernel/ids';
import { UnitOfWork, type Tx } from '../../../kernel/tx';
import { AuditTrail } from '../../../platform/audit';
import { FeatureSwitches } from '../../../platform/access/ports';
import { FEATURE_NAMES, FEATURES, FeatureUnknown, type FeatureName } from '../contract';
import { FeatureCache } from './feature-cache';
import { FeatureStore } from './ports';

export interface FeatureState {
  readonly name: FeatureName;
  readonly description: string;
  readonly enabled: boolean;
}

@Injectable()
export class TenantFeatures extends FeatureSwitches {
  constructor(
    private readonly uow: UnitOfWork,
    private readonly features: FeatureStore,
    private readonly audit: AuditTrail,
    private readonly cache: FeatureCache,
  ) {
    super();
  }

  /** All features, enabled or not. */
  async list(tx: Tx): Promise<FeatureState[]> {
    const enabled = await this.features.enabled(tx, this.uow.tenantOf(tx));
    return FEATURE_NAMES.map((name) => ({ name, description: FEATURES[name], enabled: enabled.has(name) }));
  }

  /**
   * Takes effect at once in this process, and within seconds in the others. A repeat changes nothing. @throws
   * FeatureUnknown
   */
  async change(tx: Tx, name: string, enabled: boolean, actor: Actor): Promise<FeatureState> {
    if (!this.isDefined(name)) throw new FeatureUnknown();
    const id = this.uow.tenantOf(tx);
    if (await this.features.change(tx, id, name, enabled)) {
      const action = enabled ? 'tenant_feature.enabled' : 'tenant_feature.disabled';
      await this.audit.record(tx, actor, {
        action,
        entity: { kind: 'tenant_feature', id: name },
        before: { enabled: !enabled },
        after: { enabled },
      });
      this.uow.afterCommit(tx, async () => this.cache.invalidate(id));
    }
    return { name, description: FEATURES[name], enabled };
  }

  isDefined(feature: string): feature is FeatureName {
    return Object.hasOwn(FEATURES, feature);
  }

  async isOn(tenant: TenantId, feature: string): Promise<boolean> {
    const load = () => this.uow.run(tenant, (tx) => this.features.enabled(tx, tenant), { readOnly: true });
    return (await this.cache.loadShared(tenant, load)).has(feature);
  }
}
