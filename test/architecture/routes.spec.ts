import { Controller, Get, Post } from '@nestjs/common';
import { join } from 'node:path';
import ts from 'typescript';
import { modules } from '../../src/module-list';
import { Public, Scopes, WithoutTenant } from '../../src/platform/access';
import { isController, routesOf, unguarded } from './support/routes';
import { nodesOf, productionSources } from './support/sources';

/** The published list: what answers without credentials, and why it may. */
const ANYBODY = [
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
  'GET health', // asks for what was found out a moment ago
  'GET health/live', // asks nobody
  'GET health/ready',
  'GET metrics', // in production behind a token
  // Stripe sends for everybody from a few addresses, in bursts: an id that is none costs nothing, one look-up
  // finds the tenant on the connections of the door, then the signature is checked before anything is
  // written.
  'POST webhooks/stripe/:endpoint_id',
];

/** What every key may ask: about itself. */
const ANY_KEY = ['GET api-keys/self'];

/** What everybody who has logged in may ask: about themselves. */
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

  it('stand in files that are named for it', () => {
    expect(declared.map(({ path }) => path).filter((path) => !path.endsWith('.controller.ts'))).toEqual([]);
  });

  it('ask for a scope each, or stand on the published list', () => {
    expect(
      unguarded(routes, {
        anybody: ANYBODY,
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

  it('have no line on the published list that is gone', () => {
    const names = routes.map(({ name }) => name);
    expect([...ANYBODY, ...ANY_KEY, ...ANY_PERSON].filter((name) => !names.includes(name))).toEqual([]);
  });

  it('are limited per address where anybody may call them, or have rules of their own', () => {
    expect(
      routes
        .filter(({ isPublic, isPerAddress }) => isPublic && !isPerAddress)
        .map(({ name }) => name)
        .sort(),
    ).toEqual([...RULES_OF_THEIR_OWN].sort());
  });

  it('are told apart by method and path', () => {
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

  it('sees a route without a tenant that asks for nothing, or for a scope that belongs to tenants', () => {
    expect(
      unguarded(routesOf(People), {
        anybody: [],
        anyKey: [],
        anyPerson: [],
        isGiven: () => true,
        isOfThePlatform,
      }),
    ).toEqual([
      'GET people asks for no scope',
      'POST people asks for "samples:write", which is none of the installation',
    ]);
    expect(
      unguarded(routesOf(People), {
        anybody: [],
        anyKey: [],
        anyPerson: ['GET people'],
        isGiven: () => true,
        isOfThePlatform: () => true,
      }),
    ).toEqual([]);
  });

  it('sees a route without a scope, a public one that is not listed, a scope that no key can have and a route that says both', () => {
    expect(
      unguarded([...routesOf(Samples), ...routesOf(Both)], {
        anybody: [],
        anyKey: [],
        anyPerson: [],
        isGiven: (scope) => scope.startsWith('samples:'),
        isOfThePlatform,
      }),
    ).toEqual([
      'GET samples asks for no scope',
      'GET samples/open is public and not on the list',
      'POST samples/vague asks for "everything", which no key can have',
      'GET both is public and asks for a scope',
    ]);
  });

  it('lets what is listed pass', () => {
    expect(
      unguarded(routesOf(Samples), {
        anybody: ['GET samples/open'],
        anyKey: ['GET samples'],
        anyPerson: [],
        isGiven: () => true,
        isOfThePlatform,
      }),
    ).toEqual([]);
  });
});
