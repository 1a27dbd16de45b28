import { tenantIdOf } from '../../../../kernel/ids';
import type { Principal } from '../../../../kernel/principal';
import { PRINCIPAL_CACHE_TTL_MS, PrincipalCache } from './principal-cache';

const principal: Principal = {
  tenantId: tenantIdOf('0198b0f2-7c1e-7b3a-9d55-2f6f0b1c4e10'),
  kind: 'api_key',
  id: 'k1',
  name: '',
  scopes: [],
  actorChain: [],
  since: null,
  accessEpoch: '0',
};

function setup() {
  const clock = { nowMs: 0 };
  const loads: string[] = [];
  const cache = new PrincipalCache(() => clock.nowMs);
  const get = (
    hash: string,
    load: () => Promise<Principal | null> = () => Promise.resolve(principal),
    forMs: number | null = null,
  ) =>
    cache.get(hash, () => {
      loads.push(hash);
      return load().then((admitted) => admitted && { principal: admitted, forMs });
    });
  return { clock, loads, cache, get };
}

describe('PrincipalCache', () => {
  it('loads once for many requests at once, and again after its lifetime', async () => {
    const { clock, loads, get } = setup();
    await Promise.all([get('a'), get('a'), get('a')]);
    clock.nowMs = PRINCIPAL_CACHE_TTL_MS - 1;
    await get('a');
    expect(loads).toEqual(['a']);
    clock.nowMs = PRINCIPAL_CACHE_TTL_MS;
    await get('a');
    expect(loads).toEqual(['a', 'a']);
  });

  it('returns no principal for longer than its credentials are valid', async () => {
    const { clock, loads, get } = setup();
    await get('a', undefined, 100);
    clock.nowMs = 99;
    await get('a');
    clock.nowMs = 100;
    await get('a');
    expect(loads).toEqual(['a', 'a']);
  });

  it('does not cache a principal whose credentials expired while it was loaded', async () => {
    const { loads, get } = setup();
    for (const forMs of [0, -5]) await get('a', undefined, forMs);
    expect(loads).toEqual(['a', 'a']);
  });

  it('caches neither unknown credentials nor failures', async () => {
    const { loads, get } = setup();
    await get('a', () => Promise.resolve(null));
    await expect(get('a', () => Promise.reject(new Error('down')))).rejects.toThrow('down');
    expect(await get('a')).toBe(principal);
    expect(loads).toEqual(['a', 'a', 'a']);
  });

  it('forgets a key by its id', async () => {
    const { loads, cache, get } = setup();
    await get('a');
    await cache.forgetId('k1');
    await get('a');
    expect(loads).toEqual(['a', 'a']);
  });

  it('forgets many keys at once and keeps the others', async () => {
    const { loads, cache, get } = setup();
    for (const id of ['k1', 'k2', 'k3']) await get(id, () => Promise.resolve({ ...principal, id }));
    cache.forgetIds(new Set(['k1', 'k3', 'unknown']));
    for (const id of ['k1', 'k2', 'k3']) await get(id, () => Promise.resolve({ ...principal, id }));
    expect(loads).toEqual(['k1', 'k2', 'k3', 'k1', 'k3']);
  });

  it('does not cache a principal whose load began before its access ended', async () => {
    const { loads, cache, get } = setup();
    let finish!: (found: Principal) => void;
    const before = get('a', () => new Promise((resolve) => (finish = resolve)));
    await cache.forgetId('k1');
    finish(principal);
    expect(await before).toBe(principal);
    await get('a');
    expect(loads).toEqual(['a', 'a']);
  });

  it('forgets a principal that is out of date, and keeps the one that was loaded after it', async () => {
    const { loads, cache, get } = setup();
    const [old, fresh] = [{ ...principal }, { ...principal, accessEpoch: '1' }];
    await get('a', () => Promise.resolve(old));
    cache.forget(old);
    await get('a', () => Promise.resolve(fresh));
    cache.forget(old);
    expect(await get('a')).toBe(fresh);
    expect(loads).toEqual(['a', 'a']);
  });

  it('loads once for many requests that all found the principal out of date', async () => {
    const { loads, cache, get } = setup();
    await get('a');
    const again = () => {
      cache.forget(principal);
      return get('a', () => Promise.resolve({ ...principal, accessEpoch: '1' }));
    };
    await Promise.all([again(), again(), again()]);
    expect(loads).toEqual(['a', 'a']);
  });

  it('evicts the principal that was used least recently when there are too many', async () => {
    const { loads, get } = setup();
    for (let i = 0; i <= 10_000; i++) await get(String(i));
    await get('10000');
    await get('0');
    expect(loads).toHaveLength(10_002);
  });
});
