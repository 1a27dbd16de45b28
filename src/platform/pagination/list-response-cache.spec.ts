import type { TenantId } from '../../kernel/ids';
import type { UnitOfWork } from '../../kernel/tx';
import { InProcessCache } from '../cache';
import { Environment, type Role } from '../config';
import { ListResponseCache } from './list-response-cache';

const MIB = 1_024 * 1_024;
const TENANT = '0198b0f2-7c1e-7b3a-9d55-2f6f0b1c4e10' as TenantId;

/** These tests write nothing, so that the unit of work is not used. */
const cacheOf = (environment: Partial<Environment> = {}) =>
  new ListResponseCache(
    new InProcessCache(),
    {} as UnitOfWork,
    Object.assign(new Environment(), environment),
  );
const oneMib = Buffer.alloc(MIB);

describe('ListResponseCache', () => {
  it('finds a response by version and address, byte for byte', () => {
    const cache = cacheOf();
    cache.store('v1', '/payouts', Buffer.from('[1]'));
    cache.store('v1', '/payouts?limit=1', Buffer.from('[]'));
    cache.store('v1', '/payouts', Buffer.from('[2]'));
    expect(
      ['/payouts', '/payouts?limit=1', '/other'].map((address) => cache.find('v1', address)?.toString()),
    ).toEqual(['[2]', '[]', undefined]);
    expect(cache.find('v2', '/payouts')).toBeNull();
  });

  it('holds 64 MiB at most and evicts the response that was used least recently', () => {
    const cache = cacheOf();
    for (let n = 0; n < 70; n++) cache.store('v', `/${n}`, oneMib);
    const left = Array.from({ length: 70 }, (_, n) => n).filter((n) => cache.find('v', `/${n}`));
    expect(left).toEqual(Array.from({ length: 63 }, (_, n) => n + 7));
  });

  it('counts a response once however often it is stored; storing it again makes it recent', () => {
    const cache = cacheOf();
    for (let n = 0; n < 60; n++) cache.store('v', `/${n}`, oneMib);
    for (let n = 0; n < 100; n++) cache.store('v', '/0', oneMib);
    for (let n = 60; n < 64; n++) cache.store('v', `/${n}`, oneMib);
    expect(['/0', '/1', '/2', '/63'].map((address) => cache.find('v', address) !== null)).toEqual([
      true,
      false,
      true,
      true,
    ]);
  });

  it('counts addresses too: short responses under long addresses are bounded', () => {
    const cache = cacheOf();
    const address = (n: number) => `/${n}?${'x'.repeat(8_000)}`;
    for (let n = 0; n < 9_000; n++) cache.store('v', address(n), Buffer.from('[]'));
    const left = Array.from({ length: 9_000 }, (_, n) => n).filter((n) => cache.find('v', address(n)));
    expect(left.length * 8_000).toBeLessThan(64 * MIB);
    expect(left.length * 9_000).toBeGreaterThan(64 * MIB);
    expect(left.at(-1)).toBe(8_999);
  });

  it('keeps no slab of the process alive for a small response', () => {
    const cache = cacheOf();
    const text = 'x'.repeat(1_000);
    for (let n = 0; n < 60_000; n++) {
      cache.store('v', `/${n}`, Buffer.from(text));
      // Other buffers of the process share the same slab.
      Buffer.from(text + text + text);
    }
    const left = Array.from({ length: 60_000 }, (_, n) => cache.find('v', `/${n}`)).filter(
      (bytes) => bytes !== null,
    );
    const held = [...new Set(left.map(({ buffer }) => buffer))].reduce(
      (sum, { byteLength }) => sum + byteLength,
      0,
    );
    expect([held, left.at(-1)?.toString()]).toEqual([left.length * 1_000, text]);
    expect([held < 64 * MIB, held > 32 * MIB, cache.storedBytes <= 64 * MIB]).toEqual([true, true, true]);
  });

  it('removes a response when its lifetime is over', () => {
    jest.useFakeTimers();
    try {
      const cache = cacheOf();
      cache.store('v', '/', oneMib);
      jest.advanceTimersByTime(59_999);
      expect([cache.find('v', '/')?.length, cache.storedBytes > MIB]).toEqual([MIB, true]);
      jest.advanceTimersByTime(1);
      expect([cache.find('v', '/'), cache.storedBytes]).toEqual([null, 0]);
    } finally {
      jest.useRealTimers();
    }
  });

  it('does not store a response larger than the bound, and stays usable', () => {
    const cache = cacheOf();
    cache.store('v', '/large', Buffer.alloc(65 * MIB));
    for (let n = 0; n < 63; n++) cache.store('v', `/${n}`, oneMib);
    expect(['/large', '/0', '/62'].map((address) => cache.find('v', address) !== null)).toEqual([
      false,
      true,
      true,
    ]);
  });

  it.each<[string, Partial<Environment>, boolean]>([
    ['one process with all roles', {}, true],
    [
      'one of several processes with Redis',
      { roles: ['api'] as Role[], redisUrl: 'redis://127.0.0.1' },
      true,
    ],
    ['one of several processes without Redis', { roles: ['api'] as Role[] }, false],
    ['one of two processes with some of the roles', { roles: ['api', 'worker'] as Role[] }, false],
  ])('stores responses in %s: %j %s', async (_process, environment, isStored) => {
    const cache = cacheOf(environment);
    await cache.version('payouts', TENANT);
    const version = await cache.version('payouts', TENANT);
    expect(version !== null).toBe(isStored);
    if (isStored) expect(await cache.version('payouts', TENANT)).toBe(version);
  });
});
