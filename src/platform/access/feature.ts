import {
  applyDecorators,
  type CanActivate,
  type ExecutionContext,
  Injectable,
  mixin,
  type Type,
  UseGuards,
} from '@nestjs/common';
import { ApiExtension } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { ApiProblems, HttpProblem } from '../http';
import { FeatureSwitches } from './ports';
import { principalOf } from './request-principal';

/**
 * A route, or all of a controller, that a tenant has only when the feature is on. Of a name nobody knows the
 * program does not start.
 */
export function Feature(name: string): MethodDecorator & ClassDecorator {
  return applyDecorators(
    UseGuards(guardOf(name)),
    ApiExtension('x-feature', name),
    ApiProblems([403, 'feature_disabled']),
  );
}

/**
 * A class for each name, so that it is asked for when the program is put together. Whatever fails in here
 * refuses the request.
 */
function guardOf(name: string): Type<CanActivate> {
  @Injectable()
  class FeatureGuard implements CanActivate {
    constructor(private readonly switches: FeatureSwitches) {
      if (!switches.isDefined(name)) throw new Error(`@Feature('${name}'): there is no such feature`);
    }

    async canActivate(context: ExecutionContext): Promise<boolean> {
      const { tenantId } = principalOf(context.switchToHttp().getRequest<FastifyRequest>());
      const on = await this.switches.isOn(tenantId, name);
      if (!on)
        throw new HttpProblem(
          403,
          'feature_disabled',
          `The feature ${name} is off for this tenant. PUT /api/v1/tenant/features/${name} turns it on.`,
        );
      return true;
    }
  }
  return mixin(FeatureGuard);
}
