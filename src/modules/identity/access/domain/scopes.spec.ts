import { ScopeNotHeld, UnknownScope } from '../../contract';
import { ScopeCatalogue } from './scope-catalogue';
import { refuseScopesAbove } from './scopes';

const catalogue = new ScopeCatalogue(
  new Map([
    ['settlements:write', []],
    ['transfers:read', []],
  ]),
  ['tenants:read'],
);

describe('the scopes of a key', () => {
  it('are checked, sorted, and listed once each', () => {
    expect(catalogue.check(['transfers:read', '*:read', 'settlements:*', 'transfers:read'])).toEqual([
      '*:read',
      'settlements:*',
      'transfers:read',
    ]);
    expect(catalogue.check(['*'])).toEqual(['*']);
  });

  it.each([
    '',
    'transfers',
    'transfer:read',
    'transfers:delete',
    'tenants:read',
    '*:*',
    'transfers:*:*',
    ' transfers:read',
    'TRANSFERS:READ',
  ])('cannot be "%s"', (scope) => {
    expect(() => catalogue.check([scope])).toThrow(UnknownScope);
  });
});

describe('the scopes that a caller may give to a key', () => {
  it.each([
    [['*'], ['*', '*:read', 'settlements:*']],
    [['settlements:*'], ['settlements:*', 'settlements:write', 'settlements:approve']],
    [['*:read'], ['*:read', 'transfers:read']],
    [['transfers:read', 'settlements:write'], ['settlements:write']],
  ])('include, for a caller with %j, %j', (scopes, given) => {
    expect(() => refuseScopesAbove({ scopes, actorChain: [] }, given)).not.toThrow();
  });

  it.each([
    [['api_keys:write'], 'settlements:write'],
    [['settlements:*'], '*'],
    [['settlements:*'], '*:write'],
    [['*:read'], '*'],
    [['*:read'], 'settlements:*'],
    [['settlements:read', 'settlements:write', 'settlements:approve'], 'settlements:*'],
    [[], 'transfers:read'],
  ])('do not include, for a caller with %j, %s', (scopes, given) => {
    expect(() => refuseScopesAbove({ scopes, actorChain: [] }, [given])).toThrow(ScopeNotHeld);
  });
});
