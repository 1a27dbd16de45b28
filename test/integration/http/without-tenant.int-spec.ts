import { Controller, Get } from '@nestjs/common';
import { Authenticator, CurrentActor, CurrentUser, WithoutTenant } from '../../../src/platform/access';
import type { Actor } from '../../../src/kernel/actor';
import type { AuthenticatedUser } from '../../../src/kernel/principal';
import { testApp, type TestApp } from './support/test-app';

@Controller('without-tenant')
export class WithoutTenantController {
  @Get('tenants')
  @WithoutTenant('tenants:read')
  tenants(@CurrentUser() { userId }: AuthenticatedUser, @CurrentActor() { kind, id, name }: Actor): object {
    return { userId, actor: { kind, id, name } };
  }

  @Get('self')
  @WithoutTenant()
  self(@CurrentUser() { email }: AuthenticatedUser): object {
    return { email };
  }
}

const PERSON: AuthenticatedUser = {
  userId: '0198b0f2-7c1e-7b3a-9d55-2f6f0b1c4e10',
  email: 'ann@example.com',
  name: 'Ann',
  isPlatformAdmin: true,
  scopes: ['tenants:*'],
  sessionId: '0198b0f2-7c1e-7b3a-9d55-2f6f0b1c4e11',
  familyId: null,
  accessEpoch: '0',
};

let t: TestApp;

beforeAll(async () => {
  t = await testApp({ controllers: [WithoutTenantController] });
});
afterAll(async () => t.close());
afterEach(() => jest.restoreAllMocks());

const ask = (path: string, headers: Record<string, string> = {}) =>
  t.send(null, { url: `/api/v1/without-tenant/${path}`, headers });

function comesIn(person: AuthenticatedUser): void {
  jest.spyOn(t.app.get(Authenticator, { strict: false }), 'authenticateUser').mockResolvedValue(person);
}

describe('a route without a tenant', () => {
  it('is for people who are known', async () => {
    expect((await ask('tenants')).statusCode).toBe(401);
    comesIn(PERSON);
    const answer = await ask('tenants');
    expect([answer.statusCode, answer.json()]).toEqual([
      200,
      { userId: PERSON.userId, actor: { kind: 'user', id: PERSON.userId, name: 'Ann' } },
    ]);
  });

  it('asks for scopes of the installation', async () => {
    comesIn({ ...PERSON, scopes: [] });
    expect((await ask('tenants')).json()).toMatchObject({ status: 403, code: 'insufficient_scope' });
    expect((await ask('self')).json()).toEqual({ email: PERSON.email });
  });

  it('is closed to every API key, and tells a stranger nothing', async () => {
    const { secret } = await t.caller(['*']);
    comesIn(PERSON);
    expect((await ask('tenants', { 'x-api-key': secret })).json()).toMatchObject({
      status: 403,
      code: 'user_required',
    });
    expect((await ask('tenants', { 'x-api-key': `dk_${'A'.repeat(40)}` })).json()).toMatchObject({
      status: 401,
      code: 'unauthenticated',
    });
  });
});
