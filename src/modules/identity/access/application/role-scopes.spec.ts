import { grants } from '../../../../platform/access';
import { UnknownRole } from '../../contract';
import { APPOINTS_ANYBODY, roleOf, ROLES, scopesInTenant, scopesOfRole } from '../domain/roles';
import { checkedScopes, SCOPES } from '../domain/scopes';

/** What moves money or decides over it. */
const MONEY = [
  'settlements:write',
  'settlements:approve',
  'transfers:operate',
  'payout_jobs:operate',
  'recipients:write',
  'connections:write',
  'operations:run',
];
const may = (scopes: readonly string[]) => SCOPES.filter((scope) => grants(scopes, scope));
const mayNot = (scopes: readonly string[]) => SCOPES.filter((scope) => !grants(scopes, scope));

describe('a role', () => {
  it('is one of four, by its exact name', () => {
    expect(ROLES.map((role) => roleOf(role))).toEqual(['tenant_admin', 'operator', 'analyst', 'read_only']);
    for (const other of ['', 'TENANT_ADMIN', 'platform_admin', 'toString'])
      expect(() => roleOf(other)).toThrow(UnknownRole);
  });

  it('consists of scopes that a key could have too', () => {
    for (const role of ROLES) expect(() => checkedScopes(scopesOfRole(role))).not.toThrow();
  });

  it('of an administrator has every scope in the tenant', () => {
    expect(mayNot(scopesOfRole('tenant_admin'))).toEqual([]);
  });

  it('of an operator moves money, and cannot add users or keys', () => {
    expect(mayNot(scopesOfRole('operator'))).toEqual([
      'api_keys:write',
      'audit:read',
      'connections:write',
      'tenant:write',
      'users:write',
    ]);
  });

  it('of an analyst reads data, but no keys, users or audit log', () => {
    expect(may(scopesOfRole('analyst')).filter((scope) => !scope.endsWith(':read'))).toEqual([]);
    expect(
      SCOPES.filter((scope) => scope.endsWith(':read') && !grants(scopesOfRole('analyst'), scope)),
    ).toEqual(['api_keys:read', 'audit:read', 'users:read']);
  });

  it('of a reader has six scopes', () => {
    expect(may(scopesOfRole('read_only'))).toEqual([
      'payout_jobs:read',
      'payouts:read',
      'recipients:read',
      'settlements:read',
      'tenant:read',
      'transfers:read',
    ]);
  });
});

describe('the scopes of a platform admin in a tenant', () => {
  it('give no authority over money, and remove none that a role gives', () => {
    const alone = scopesInTenant(null, true);
    expect(MONEY.filter((scope) => grants(alone, scope))).toEqual([]);
    expect(MONEY.filter((scope) => grants(scopesInTenant('read_only', true), scope))).toEqual([]);
    expect(may(alone).filter((scope) => !scope.endsWith(':read'))).toEqual(['api_keys:write', 'users:write']);
  });

  it('include the only scope that may grant every role, which no key can have', () => {
    expect(scopesInTenant(null, true)).toContain(APPOINTS_ANYBODY);
    for (const role of ROLES) expect(scopesInTenant(role, false)).not.toContain(APPOINTS_ANYBODY);
    expect(() => checkedScopes([APPOINTS_ANYBODY])).toThrow();
  });

  it('are empty without a role and without the flag', () => {
    expect(scopesInTenant(null, false)).toEqual([]);
  });
});
