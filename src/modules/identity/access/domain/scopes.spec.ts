import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ScopeNotHeld, UnknownScope } from '../../contract';
import { checkedScopes, refuseScopesAbove } from './scopes';

const MODULES = join(__dirname, '../../..');

describe('the scopes of a key', () => {
  it('are checked, sorted, and listed once each', () => {
    expect(checkedScopes(['transfers:read', '*:read', 'settlements:*', 'transfers:read'])).toEqual([
      '*:read',
      'settlements:*',
      'transfers:read',
    ]);
    expect(checkedScopes(['*'])).toEqual(['*']);
  });

  it.each([
    '',
    'transfers',
    'transfer:read',
    'transfers:delete',
    '*:*',
    'transfers:*:*',
    ' transfers:read',
    'TRANSFERS:READ',
  ])('cannot be "%s"', (scope) => {
    expect(() => checkedScopes([scope])).toThrow(UnknownScope);
  });

  it('include every scope that a controller requires', () => {
    const files = readdirSync(MODULES, { recursive: true, encoding: 'utf8' }).filter((file) =>
      file.endsWith('.controller.ts'),
    );
    const controllers = files.map((file) => readFileSync(join(MODULES, file), 'utf8'));
    const lists = controllers.flatMap((text) => text.match(/@Scopes\([^)]*\)/g) ?? []);
    const asked = lists.flatMap((list) => list.match(/(?<=')[^',]+(?=')/g) ?? []);
    expect(asked.length).toBeGreaterThan(0);
    expect(() => checkedScopes(asked)).not.toThrow();
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
