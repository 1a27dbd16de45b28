import { modules } from '../../src/module-list';
import { UnknownRole } from '../../src/modules/identity/contract';
import { APPOINTS_ANYBODY, roleOf, ROLES } from '../../src/modules/identity/access/domain/roles';
import { ScopeCatalogue } from '../../src/modules/identity/access/domain/scope-catalogue';
import { grants } from '../../src/platform/access';

const catalogue = new ScopeCatalogue(modules.scopes.ofTenants, modules.scopes.ofPlatform);
const SCOPES = catalogue.all;

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
    for (const role of ROLES) expect(() => catalogue.check(catalogue.ofRole(role))).not.toThrow();
  });

  it('of an administrator has every scope in the tenant', () => {
    expect(mayNot(catalogue.ofRole('tenant_admin'))).toEqual([]);
  });

  it('of an operator moves money, and cannot add users or keys', () => {
    expect(mayNot(catalogue.ofRole('operator'))).toEqual([
      'api_keys:write',
      'audit:read',
      'connections:write',
      'tenant:write',
      'users:write',
    ]);
  });

  it('of an analyst reads data, but no keys, users or audit log', () => {
    expect(may(catalogue.ofRole('analyst')).filter((scope) => !scope.endsWith(':read'))).toEqual([]);
    expect(
      SCOPES.filter((scope) => scope.endsWith(':read') && !grants(catalogue.ofRole('analyst'), scope)),
    ).toEqual(['api_keys:read', 'audit:read', 'users:read']);
  });

  it('of a reader has six scopes', () => {
    expect(may(catalogue.ofRole('read_only'))).toEqual([
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
    const alone = catalogue.inTenant(null, true);
    expect(MONEY.filter((scope) => grants(alone, scope))).toEqual([]);
    expect(MONEY.filter((scope) => grants(catalogue.inTenant('read_only', true), scope))).toEqual([]);
    expect(may(alone).filter((scope) => !scope.endsWith(':read'))).toEqual(['api_keys:write', 'users:write']);
  });

  it('include the only scope that may grant every role, which no key can have', () => {
    expect(catalogue.inTenant(null, true)).toContain(APPOINTS_ANYBODY);
    for (const role of ROLES) expect(catalogue.inTenant(role, false)).not.toContain(APPOINTS_ANYBODY);
    expect(() => catalogue.check([APPOINTS_ANYBODY])).toThrow();
  });

  it('are empty without a role and without the flag', () => {
    expect(catalogue.inTenant(null, false)).toEqual([]);
  });
});
