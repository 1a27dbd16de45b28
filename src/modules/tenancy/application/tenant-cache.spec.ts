import { newId, tenantIdOf } from '../../../kernel/ids';
import { TENANT_CACHE_TTL_MS, TenantCache } from './tenant-cache';

const tenant = tenantIdOf(newId());

function clocked() {
  let nowMs = 0;
  return { cache: new TenantCache<ReadonlySet<string>>(() => nowMs), pass: (ms: number) => (nowMs += ms) };
}

const loads = (...names: string[]) => jest.fn(async () => new Set(names) as ReadonlySet<string>);

describe('the cache of a tenant', () => {
  it('loads a value once, and again when it has expired', async () => {
    const { cache, pass } = clocked();
    const [first, second] = [loads('a'), loads('b')];
    await cache.get(tenant, first);
    pass(TENANT_CACHE_TTL_MS - 1);
    expect([...(await cache.get(tenant, second))]).toEqual(['a']);
    pass(1);
    expect([...(await cache.get(tenant, second))]).toEqual(['b']);
    expect([first, second].map(({ mock }) => mock.calls.length)).toEqual([1, 1]);
  });

  it('lets each concurrent caller load by itself, so that none fails with the load of another', async () => {
    const { cache } = clocked();
    const failing = cache.get(tenant, () => Promise.reject(new Error('another transaction')));
    const [one, other] = [cache.get(tenant, loads('a')), cache.get(tenant, loads('a'))];
    await expect(failing).rejects.toThrow('another transaction');
    expect([[...(await one)], [...(await other)]]).toEqual([['a'], ['a']]);
    expect([...(await cache.get(tenant, loads('not loaded')))]).toEqual(['a']);
  });

  it('stores no failed load', async () => {
    const { cache } = clocked();
    await expect(cache.get(tenant, () => Promise.reject(new Error('away')))).rejects.toThrow('away');
    expect([...(await cache.get(tenant, loads('a')))]).toEqual(['a']);
  });

  it('does not store a value whose load began before an invalidation', async () => {
    const { cache } = clocked();
    const early = cache.get(tenant, loads('before'));
    cache.invalidate(tenant);
    expect([...(await cache.get(tenant, loads('after')))]).toEqual(['after']);
    await early;
    expect([...(await cache.get(tenant, loads('not loaded')))]).toEqual(['after']);
  });
});
