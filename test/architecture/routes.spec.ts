import { Controller, Get, Post } from '@nestjs/common';
import { join } from 'node:path';
import ts from 'typescript';
import { modules } from '../../src/module-list';
import { Public, Scopes, WithoutTenant } from '../../src/platform/access';
import { isController, routesOf, unguarded } from './support/routes';
import { nodesOf, productionSources } from './support/sources';

/** The published list: the routes without authentication, each with the reason. */
const PUBLIC_ROUTES = [
  'GET health', // load balancers
  'GET health/live',
  'GET health/ready',
  'GET metrics', // Prometheus, from inside
  'POST webhooks/stripe/:endpoint_id', // signed by the provider
  'POST auth/login', // by a password
  'POST auth/token',
  'POST auth/refresh', // by a token that is used once
  'POST auth/revoke',
  'POST auth/accept-invitation',
  'POST auth/reset-password',
];

/** Public routes without a limit per address, and what they have instead. */
const RULES_OF_THEIR_OWN = [
  'GET health', // returns a cached result
  'GET health/live', // uses nothing outside the process
  'GET health/ready',
  'GET metrics', // needs a token in production
  // Stripe sends for all tenants from a few addresses, in bursts: an invalid id costs nothing, one look-up in the
  // authentication pool finds the tenant, then the signature is checked before anything is written.
  'POST webhooks/stripe/:endpoint_id',
];

/** Routes that every key may call: about itself. */
const ANY_KEY = ['GET api-keys/self'];

/** Routes that every user may call who has logged in: about themselves. */
const ANY_PERSON = ['POST auth/logout', 'GET auth/profile', 'POST auth/change-password'];

const isOfThePlatform = (scope: string) => modules.scopes.ofPlatform.includes(scope);

/** Wildcards belong to keys, not to routes. */
const isGiven = (scope: string) => modules.scopes.ofTenants.has(scope);

const declared = productionSources().filter(({ ast }) =>
  nodesOf(ast, ts.isDecorator).some((decorator) => /^@Controller\b/.test(decorator.getText(ast))),
);

const routes = declared.flatMap(({ path }) => {
  const exported = jest.requireActual<Record<string, unknown>>(join(__dirname, '../..', path));
  return Object.values(exported).filter(isController).flatMap(routesOf);
});

describe('the routes of the API', () => {
  it('are found', () => {
    expect(routes.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['GET tenant/settings', 'POST webhooks/stripe/:endpoint_id']),
    );
  });

  it('are in files named *.controller.ts', () => {
    expect(declared.map(({ path }) => path).filter((path) => !path.endsWith('.controller.ts'))).toEqual([]);
  });

  it('each require a scope, or are on the published list', () => {
    expect(
      unguarded(routes, {
        publicRoutes: PUBLIC_ROUTES,
        anyKey: ANY_KEY,
        anyPerson: ANY_PERSON,
        isGiven,
        isOfThePlatform,
      }),
    ).toEqual([]);
  });

  it('use every scope that a module declares', () => {
    const used = new Set(routes.flatMap(({ scopes }) => scopes));
    const scopes = [...modules.scopes.ofTenants.keys(), ...modules.scopes.ofPlatform];
    expect(scopes.filter((scope) => !used.has(scope))).toEqual([]);
  });

  it('have no line on the published list without a route', () => {
    const names = routes.map(({ name }) => name);
    expect([...PUBLIC_ROUTES, ...ANY_KEY, ...ANY_PERSON].filter((name) => !names.includes(name))).toEqual([]);
  });

  it('are limited per address when they are public, or have rules of their own', () => {
    expect(
      routes
        .filter(({ isPublic, isPerAddress }) => isPublic && !isPerAddress)
        .map(({ name }) => name)
        .sort(),
    ).toEqual([...RULES_OF_THEIR_OWN].sort());
  });

  it('are unique by method and path', () => {
    const names = routes.map(({ name }) => name);
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
  });
});

describe('the check of routes', () => {
  @Controller('samples')
  class Samples {
    @Get()
    forgotten(): void {}

    @Post(':id')
    @Scopes('samples:write')
    guarded(): void {}

    @Get('open')
    @Public()
    open(): void {}

    @Post('vague')
    @Scopes('everything')
    vague(): void {}
  }

  @Public()
  @Controller('both')
  class Both {
    @Get()
    @Scopes('samples:read')
    unclear(): void {}
  }

  @Controller('people')
  class People {
    @Get()
    @WithoutTenant()
    anyone(): void {}

    @Post()
    @WithoutTenant('samples:write')
    confused(): void {}

    @Post('platform')
    @WithoutTenant('tenants:write')
    guarded(): void {}
  }

  it('finds a route without a tenant that requires no scope, or a scope of tenants', () => {
    expect(
      unguarded(routesOf(People), {
        publicRoutes: [],
        anyKey: [],
        anyPerson: [],
        isGiven: () => true,
        isOfThePlatform,
      }),
    ).toEqual([
      'GET people requires no scope',
      'POST people requires "samples:write", which is none of the installation',
    ]);
    expect(
      unguarded(routesOf(People), {
        publicRoutes: [],
        anyKey: [],
        anyPerson: ['GET people'],
        isGiven: () => true,
        isOfThePlatform: () => true,
      }),
    ).toEqual([]);
  });

  it('finds a route without a scope, an unlisted public one, a scope of no key, and a route with both', () => {
    expect(
      unguarded([...routesOf(Samples), ...routesOf(Both)], {
        publicRoutes: [],
        anyKey: [],
        anyPerson: [],
        isGiven: (scope) => scope.startsWith('samples:'),
        isOfThePlatform,
      }),
    ).toEqual([
      'GET samples requires no scope',
      'GET samples/open is public and not on the list',
      'POST samples/vague requires "everything", which no key can have',
      'GET both is public and requires a scope',
    ]);
  });

  it('accepts listed routes', () => {
    expect(
      unguarded(routesOf(Samples), {
        publicRoutes: ['GET samples/open'],
        anyKey: ['GET samples'],
        anyPerson: [],
        isGiven: () => true,
        isOfThePlatform,
      }),
    ).toEqual([]);
  });
});
