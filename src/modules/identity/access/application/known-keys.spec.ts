import type { Principal } from '../../../../kernel/principal';
import { tenantIdOf } from '../../../../kernel/ids';
import { KNOWN_FOR_MS, KnownKeys } from './known-keys';

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
  const known = new KnownKeys(() => clock.nowMs);
  const get = (
    hash: string,
    answer: () => Promise<Principal | null> = () => Promise.resolve(principal),
    forMs: number | null = null,
  ) =>
    known.get(hash, () => {
      loads.push(hash);
      return answer().then((admitted) => admitted && { principal: admitted, forMs });
    });
  return { clock, loads, known, get };
}

describe('known keys', () => {
  it('ask once for many requests at once, and again when their time is over', async () => {
    const { clock, loads, get } = setup();
    await Promise.all([get('a'), get('a'), get('a')]);
    clock.nowMs = KNOWN_FOR_MS - 1;
    await get('a');
    expect(loads).toEqual(['a']);
    clock.nowMs = KNOWN_FOR_MS;
    await get('a');
    expect(loads).toEqual(['a', 'a']);
  });

  it('let nobody in for longer than the key is good for', async () => {
    const { clock, loads, get } = setup();
    await get('a', undefined, 100);
    clock.nowMs = 99;
    await get('a');
    clock.nowMs = 100;
    await get('a');
    expect(loads).toEqual(['a', 'a']);
  });

  it('remember no stranger and no failure', async () => {
    const { loads, get } = setup();
    await get('a', () => Promise.resolve(null));
    await expect(get('a', () => Promise.reject(new Error('down')))).rejects.toThrow('down');
    expect(await get('a')).toBe(principal);
    expect(loads).toEqual(['a', 'a', 'a']);
  });

  it('forget a key by its id', async () => {
    const { loads, known, get } = setup();
    await get('a');
    await known.forgetId('k1');
    await get('a');
    expect(loads).toEqual(['a', 'a']);
  });

  it('forget many keys at once, and keep the others', async () => {
    const { loads, known, get } = setup();
    for (const id of ['k1', 'k2', 'k3']) await get(id, () => Promise.resolve({ ...principal, id }));
    known.forgetIds(new Set(['k1', 'k3', 'nobody']));
    for (const id of ['k1', 'k2', 'k3']) await get(id, () => Promise.resolve({ ...principal, id }));
    expect(loads).toEqual(['k1', 'k2', 'k3', 'k1', 'k3']);
  });

  it('do not remember an answer that was asked for before something ended', async () => {
    const { loads, known, get } = setup();
    let answer!: (found: Principal) => void;
    const before = get('a', () => new Promise((resolve) => (answer = resolve)));
    await known.forgetId('k1');
    answer(principal);
    expect(await before).toBe(principal);
    await get('a');
    expect(loads).toEqual(['a', 'a']);
  });

  it('forget an answer that is out of date, and keep the one that came after it', async () => {
    const { loads, known, get } = setup();
    const [old, fresh] = [{ ...principal }, { ...principal, accessEpoch: '1' }];
    await get('a', () => Promise.resolve(old));
    known.forget(old);
    await get('a', () => Promise.resolve(fresh));
    known.forget(old);
    expect(await get('a')).toBe(fresh);
    expect(loads).toEqual(['a', 'a']);
  });

  it('let go of the oldest when there are too many', async () => {
    const { loads, get } = setup();
    for (let i = 0; i <= 10_000; i++) await get(String(i));
    await get('10000');
    await get('0');
    expect(loads).toHaveLength(10_002);
  });
});
