import { Controller, Get } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { FEATURE_NAMES } from '../../../src/modules/tenancy';
import { FeatureCache } from '../../../src/modules/tenancy/application/feature-cache';
import { FeatureStore } from '../../../src/modules/tenancy/application/ports';
import { DatabaseUnavailable, sql } from '../../../src/platform/database';
import { Feature, FeatureSwitches, Scopes } from '../../../src/platform/access';
import { DeclaredAccess } from '../../../src/platform/access/declared-access';
import { testApp, type Caller, type TestApp } from '../http/support/test-app';

@Controller('guarded')
class GuardedController {
  @Get()
  @Scopes('tenant:read')
  @Feature('audit_export')
  read(): object {
    return { let: 'in' };
  }
}

@Controller('misspelt')
class MisspeltController {
  @Get()
  @Scopes('tenant:read')
  @Feature('audit_exprot')
  read(): void {}
}

let t: TestApp;

beforeAll(async () => {
  t = await testApp({ controllers: [GuardedController] });
});
afterAll(async () => t.close());
afterEach(() => jest.restoreAllMocks());

const switchTo = (caller: Caller, enabled: unknown, name = 'audit_export') =>
  t.send(caller, { method: 'PUT', url: `/api/v1/tenant/features/${name}`, payload: { enabled } });
const list = (caller: Caller) => t.send(caller, { url: '/api/v1/tenant/features' });
const enter = async (caller: Caller) => {
  const response = await t.send(caller, { url: '/api/v1/guarded' });
  return [response.statusCode, response.json<{ code?: string }>().code];
};
const IN = [200, undefined];
const OFF = [403, 'feature_disabled'];

describe('the features of a tenant', () => {
  it('are all disabled at first', async () => {
    const { results } = (await list(await t.caller(['tenant:read']))).json<{
      results: { name: string; enabled: boolean; description: string }[];
    }>();
    expect(results.map(({ name, enabled }) => ({ name, enabled }))).toEqual(
      FEATURE_NAMES.map((name) => ({ name, enabled: false })),
    );
    expect(results.every(({ description }) => description.length > 0)).toBe(true);
  });

  it('are enabled and disabled, each change with one record', async () => {
    const caller = await t.caller(['tenant:*']);
    for (const enabled of [false, true, true, false])
      expect((await switchTo(caller, enabled)).json()).toMatchObject({ name: 'audit_export', enabled });
    const trail = {
      text: `SELECT action, entity_id, before, after FROM platform.audit_log
        WHERE entity_kind = 'tenant_feature' ORDER BY id`,
      values: [],
    };
    expect(await t.db.uow.run(caller.tenant, (tx) => sql(tx).rows(trail))).toEqual([
      {
        action: 'tenant_feature.enabled',
        entity_id: 'audit_export',
        before: { enabled: false },
        after: { enabled: true },
      },
      {
        action: 'tenant_feature.disabled',
        entity_id: 'audit_export',
        before: { enabled: true },
        after: { enabled: false },
      },
    ]);
  });

  it('that are enabled by eight concurrent requests leave one record', async () => {
    const caller = await t.caller(['tenant:*']);
    const responses = await Promise.all(Array.from({ length: 8 }, () => switchTo(caller, true)));
    expect(responses.map(({ statusCode }) => statusCode)).toEqual(Array(8).fill(200));
    const count = {
      text: `SELECT count(*)::int AS records FROM platform.audit_log WHERE action = 'tenant_feature.enabled'`,
      values: [],
    };
    expect(await t.db.uow.run(caller.tenant, (tx) => sql(tx).rows(count))).toEqual([{ records: 1 }]);
  });

  it.each(['nothing', 'constructor', '__proto__', 'AUDIT_EXPORT', '%F0%9F%A7%A8', 'x'.repeat(90)])(
    'that do not exist (%s) return 404',
    async (name) => {
      expect((await switchTo(await t.caller(), true, name)).json()).toMatchObject({
        status: 404,
        code: 'feature_unknown',
      });
    },
  );

  it('are changed by a caller with the scope, with true or false', async () => {
    expect((await switchTo(await t.caller(['tenant:read']), true)).statusCode).toBe(403);
    expect((await list(await t.caller(['audit:read']))).statusCode).toBe(403);
    expect((await switchTo(await t.caller(), 'true')).json()).toMatchObject({
      status: 422,
      code: 'validation_failed',
    });
  });
});

describe('a route that needs a feature', () => {
  it('is open as soon as the feature is enabled, for that tenant only, and closed once it is disabled', async () => {
    const [caller, other] = [await t.caller(['tenant:*']), await t.caller(['tenant:*'])];
    expect(await enter(caller)).toEqual(OFF);
    await switchTo(caller, true);
    expect([await enter(caller), await enter(other)]).toEqual([IN, OFF]);
    await switchTo(caller, false);
    expect(await enter(caller)).toEqual(OFF);
  });

  it('reads the database once for many requests', async () => {
    const caller = await t.caller();
    await switchTo(caller, true);
    const read = jest.spyOn(t.app.get(FeatureStore, { strict: false }), 'enabled');
    expect(await Promise.all(Array.from({ length: 8 }, () => enter(caller)))).toEqual(Array(8).fill(IN));
    expect(read).toHaveBeenCalledTimes(1);
  });

  it('is closed while the feature cannot be read', async () => {
    const caller = await t.caller();
    await switchTo(caller, true);
    jest
      .spyOn(t.app.get(FeatureStore, { strict: false }), 'enabled')
      .mockRejectedValueOnce(new DatabaseUnavailable(new Error('away')))
      .mockRejectedValueOnce(new Error('a defect'));
    expect([await enter(caller), await enter(caller)]).toEqual([
      [503, 'database_unavailable'],
      [500, 'internal_error'],
    ]);
    expect(await enter(caller)).toEqual(IN);
  });

  it('follows a change by another process when its cached value has expired', async () => {
    const caller = await t.caller();
    await switchTo(caller, true);
    expect(await enter(caller)).toEqual(IN);
    const elsewhere = {
      text: `UPDATE tenancy.features SET enabled = false WHERE name = 'audit_export'`,
      values: [],
    };
    await t.db.uow.run(caller.tenant, (tx) => sql(tx).count(elsewhere));
    t.app.get(FeatureCache, { strict: false }).invalidate(caller.tenant);
    expect(await enter(caller)).toEqual(OFF);
  });

  it('with an unknown feature keeps the program from starting', async () => {
    const switches = { provide: FeatureSwitches, useValue: t.app.get(FeatureSwitches, { strict: false }) };
    await expect(
      Test.createTestingModule({
        providers: [switches, DeclaredAccess],
        controllers: [GuardedController],
      }).compile(),
    ).resolves.toBeDefined();
    await expect(
      Test.createTestingModule({
        providers: [switches, DeclaredAccess],
        controllers: [MisspeltController],
      }).compile(),
    ).rejects.toThrow(`@Feature('audit_exprot')`);
  });
});
