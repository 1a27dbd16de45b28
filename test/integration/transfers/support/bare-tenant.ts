import { newId, type TenantId } from '../../../../src/kernel/ids';
import { ApiKeys } from '../../../../src/modules/identity';
import { Tenancy } from '../../../../src/modules/tenancy';
import { type TestApp, TestTenant } from '../../../support';

/** A tenant with an API key, and no account at the provider. */
export async function bareTenant(world: TestApp): Promise<TestTenant> {
  const { id } = await world.app.get(Tenancy, { strict: false }).create(`Newcomer ${newId()}`);
  const { secret } = await world.app.get(ApiKeys, { strict: false }).create(id as TenantId, 'test', ['*']);
  return new TestTenant(world.url, id as TenantId, secret, 'none', world.simulator);
}
