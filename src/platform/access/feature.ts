import { Injectable, Optional } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { HttpProblem } from '../http';
import { FeatureSwitches } from './ports';
import { principalOf } from './request-principal';

/** Whether the tenant of a request has a feature. An error of the look-up rejects the request. */
@Injectable()
export class FeatureCheck {
  constructor(@Optional() private readonly switches?: FeatureSwitches) {}

  async assertOn(request: FastifyRequest, name: string): Promise<void> {
    const { tenantId } = principalOf(request);
    const on = await this.switches?.isOn(tenantId, name);
    if (!on)
      throw new HttpProblem(
        403,
        'feature_disabled',
        `The feature ${name} is off for this tenant. PUT /api/v1/tenant/features/${name} turns it on.`,
      );
  }
}
