import { Controller, Get } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import type { FastifyInstance } from 'fastify';
import { Authenticator, Feature, FeatureSwitches, Scopes } from '../../../src/platform/access';
import { DeclaredAccess } from '../../../src/platform/access/declared-access';
import { CachedList, ListResponseCacheModule } from '../../../src/platform/pagination';
import { testApp, type TestApp } from './support/test-app';

let calls = 0;

@Controller('cached')
class CachedController {
  @Get()
  @Scopes('tenant:read')
  @Feature('audit_export')
  @CachedList('things')
  list(): object {
    calls += 1;
    return { results: [] };
  }
}

@Controller('undeclared')
class UndeclaredController {
  @Get()
  list(): void {}
}

let t: TestApp;

beforeAll(async () => {
  t = await testApp({ controllers: [CachedController], modules: [ListResponseCacheModule] });
});
afterAll(async () => t.close());
afterEach(() => jest.restoreAllMocks());

const URL = '/api/v1/cached';

async function callerWithCachedList() {
  const caller = await t.caller(['tenant:*']);
  const put = (enabled: boolean) =>
    t.send(caller, { method: 'PUT', url: '/api/v1/tenant/features/audit_export', payload: { enabled } });
  await put(true);
  for (let before = -1; before !== calls;) {
    before = calls;
    expect((await t.send(caller, { url: URL })).statusCode).toBe(200);
  }
  return { caller, put };
}

describe('A cached response', () => {
  it('is not sent to a tenant whose feature was turned off', async () => {
    const { caller, put } = await callerWithCachedList();
    await put(false);
    expect((await t.send(caller, { url: URL })).json()).toMatchObject({
      status: 403,
      code: 'feature_disabled',
    });
  });

  it('is not sent while the feature cannot be read', async () => {
    const { caller } = await callerWithCachedList();
    jest.spyOn(t.app.get(FeatureSwitches, { strict: false }), 'isOn').mockRejectedValue(new Error('broken'));
    expect((await t.send(caller, { url: URL })).json()).toMatchObject({
      status: 500,
      code: 'internal_error',
    });
  });

  it('is not sent when the caller cannot be authenticated', async () => {
    const { caller } = await callerWithCachedList();
    const authenticate = jest.spyOn(t.app.get(Authenticator, { strict: false }), 'authenticate');
    authenticate.mockResolvedValueOnce(null);
    expect((await t.send(caller, { url: URL })).json()).toMatchObject({
      status: 401,
      code: 'unauthenticated',
    });
    authenticate.mockRejectedValueOnce(new Error('broken'));
    expect((await t.send(caller, { url: URL })).json()).toMatchObject({
      status: 500,
      code: 'internal_error',
    });
  });

  it('is sent for a HEAD request without its body', async () => {
    const { caller } = await callerWithCachedList();
    const head = await t.send(caller, { method: 'HEAD', url: URL });
    expect([head.statusCode, head.body]).toEqual([200, '']);
    expect((await t.send(null, { method: 'HEAD', url: URL })).statusCode).toBe(401);
  });
});

describe('A route that declares no access', () => {
  it('keeps the program from starting', async () => {
    await expect(
      Test.createTestingModule({
        providers: [DeclaredAccess],
        controllers: [UndeclaredController],
      }).compile(),
    ).rejects.toThrow(
      'UndeclaredController.list declares no access: add @Scopes, @WithoutTenant, @Authenticated or @Public',
    );
  });

  it('is rejected when it was added beside the controllers', async () => {
    const other = await testApp({
      beforeInit: (server: FastifyInstance) => server.get('/beside', () => ({ sent: true })),
    });
    const { statusCode, body } = await other.send(await other.caller(), { url: '/beside' });
    await other.close();
    expect([statusCode, body]).toEqual([500, expect.not.stringContaining('sent')]);
  });
});
