import { Injectable, Optional, type Type } from '@nestjs/common';
import { PATH_METADATA } from '@nestjs/common/constants.js';
import { MetadataScanner, ModulesContainer, Reflector } from '@nestjs/core';
import { FASTIFY_ROUTE_CONFIG_METADATA } from '@nestjs/platform-fastify/constants.js';
import type { FastifyContextConfig } from 'fastify';
import { AUTHENTICATED, FEATURE, PER_ADDRESS, PUBLIC, SCOPES, WITHOUT_TENANT } from './decorators';
import { FeatureSwitches } from './ports';
import type { RouteAccess } from './route-access';

type Handler = (...args: unknown[]) => unknown;

/**
 * Writes the access of every route into the configuration that Nest hands to Fastify (`RouteConfig`). It runs while
 * the program is composed, before any route is registered: a route that declares nothing ends the start.
 */
@Injectable()
export class DeclaredAccess {
  constructor(
    modules: ModulesContainer,
    private readonly reflector: Reflector,
    @Optional() private readonly features?: FeatureSwitches,
  ) {
    const scanner = new MetadataScanner();
    for (const { controllers } of modules.values())
      for (const { metatype } of controllers.values())
        if (typeof metatype === 'function')
          for (const name of scanner.getAllMethodNames(metatype.prototype as object))
            this.configure(metatype as Type, name);
  }

  private configure(controller: Type, name: string): void {
    const handler = (controller.prototype as Record<string, Handler>)[name] as Handler;
    if (!Reflect.hasMetadata(PATH_METADATA, handler)) return;
    const access = this.accessOf(controller, handler, `${controller.name}.${name}`);
    const config = (Reflect.getMetadata(FASTIFY_ROUTE_CONFIG_METADATA, handler) ??
      {}) as FastifyContextConfig;
    if (config.access && JSON.stringify(config.access) !== JSON.stringify(access))
      throw new Error(
        `${controller.name}.${name}: two controllers share this method and declare other access`,
      );
    Reflect.defineMetadata(FASTIFY_ROUTE_CONFIG_METADATA, { ...config, access }, handler);
  }

  private accessOf(controller: Type, handler: Handler, route: string): RouteAccess {
    const declared = <T>(key: string) =>
      this.reflector.getAllAndOverride<T | undefined>(key, [handler, controller]);
    const scopes = declared<string[]>(SCOPES);
    const isPublic = declared<boolean>(PUBLIC) === true;
    const isAuthenticated = scopes !== undefined || declared<boolean>(AUTHENTICATED) === true;
    if (!isPublic && !isAuthenticated)
      throw new Error(`${route} declares no access: add @Scopes, @WithoutTenant, @Authenticated or @Public`);
    const feature = declared<string>(FEATURE) ?? null;
    if (feature !== null && !this.features?.isDefined(feature))
      throw new Error(`${route}: @Feature('${feature}') names no feature`);
    if (feature !== null && (isPublic || declared<boolean>(WITHOUT_TENANT)))
      throw new Error(`${route}: @Feature needs a tenant`);
    const caller = declared<boolean>(WITHOUT_TENANT) ? 'user' : 'principal';
    return {
      caller: isPublic ? 'anonymous' : caller,
      scopes: scopes ?? [],
      feature,
      isLimitedPerAddress: declared<boolean>(PER_ADDRESS) === true,
    };
  }
}
