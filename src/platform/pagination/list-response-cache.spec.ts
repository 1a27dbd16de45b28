import type { TenantId } from '../../kernel/ids';
import type { UnitOfWork } from '../../kernel/tx';
import { InProcessCache } from '../cache';
import { Environment, type Role } from '../config';
import { ListResponseCache } from './list-response-cache';

const MIB = 1_024 * 1_024;
const TENANT = '0198b0f2-7c1e-7b3a-9d55-2f6f0b1c4e10' as TenantId;

/** Nothing is written here, so that no unit of work is asked. */
const pagesOf = (environment: Partial<Environment> = {}) =>
  new ListResponseCache(
    new InProcessCache(),
    {} as UnitOfWork,
    Object.assign(new Environment(), environment),
  );
const mib = Buffer.alloc(MIB);

describe('kept pages', () => {
  it('are found by version and address, as they were', () => {
    const pages = pagesOf();
    pages.store('v1', '/payouts', Buffer.from('[1]'));
    pages.store('v1', '/payouts?limit=1', Buffer.from('[]'));
    pages.store('v1', '/payouts', Buffer.from('[2]'));
    expect(
      ['/payouts', '/payouts?limit=1', '/other'].map((address) => pages.find('v1', address)?.toString()),
    ).toEqual(['[2]', '[]', undefined]);
    expect(pages.find('v2', '/payouts')).toBeNull();
  });

  it('take 64 MiB at most: what was kept first goes first', () => {
    const pages = pagesOf();
    for (let n = 0; n < 70; n++) pages.store('v', `/${n}`, mib);
    const left = Array.from({ length: 70 }, (_, n) => n).filter((n) => pages.find('v', `/${n}`));
    expect(left).toEqual(Array.from({ length: 63 }, (_, n) => n + 7));
  });

  it('are counted once however often one is kept, and kept again it is young again', () => {
    const pages = pagesOf();
    for (let n = 0; n < 60; n++) pages.store('v', `/${n}`, mib);
    for (let n = 0; n < 100; n++) pages.store('v', '/0', mib);
    for (let n = 60; n < 64; n++) pages.store('v', `/${n}`, mib);
    expect(['/0', '/1', '/2', '/63'].map((address) => pages.find('v', address) !== null)).toEqual([
      true,
      false,
      true,
      true,
    ]);
  });

  it('are counted with their addresses: short pages under long ones are bounded, too', () => {
    const pages = pagesOf();
    const address = (n: number) => `/${n}?${'x'.repeat(8_000)}`;
    for (let n = 0; n < 9_000; n++) pages.store('v', address(n), Buffer.from('[]'));
    const left = Array.from({ length: 9_000 }, (_, n) => n).filter((n) => pages.find('v', address(n)));
    expect(left.length * 8_000).toBeLessThan(64 * MIB);
    expect(left.length * 9_000).toBeGreaterThan(64 * MIB);
    expect(left.at(-1)).toBe(8_999);
  });

  it('are counted as what they hold in memory: a small page keeps no slab of the process alive', () => {
    const pages = pagesOf();
    const text = 'x'.repeat(1_000);
    for (let n = 0; n < 60_000; n++) {
      pages.store('v', `/${n}`, Buffer.from(text));
      // What else the process makes meanwhile lies in the same slab.
      Buffer.from(text + text + text);
    }
    const left = Array.from({ length: 60_000 }, (_, n) => pages.find('v', `/${n}`)).filter(
      (bytes) => bytes !== null,
    );
    const held = [...new Set(left.map(({ buffer }) => buffer))].reduce(
      (sum, { byteLength }) => sum + byteLength,
      0,
    );
    expect([held, left.at(-1)?.toString()]).toEqual([left.length * 1_000, text]);
    expect([held < 64 * MIB, held > 32 * MIB, pages.takenBytes <= 64 * MIB]).toEqual([true, true, true]);
  });

  it('are let go when somebody finds that their time is over', () => {
    jest.useFakeTimers();
    try {
      const pages = pagesOf();
      pages.store('v', '/', mib);
      jest.advanceTimersByTime(59_999);
      expect([pages.find('v', '/')?.length, pages.takenBytes > MIB]).toEqual([MIB, true]);
      jest.advanceTimersByTime(1);
      expect([pages.find('v', '/'), pages.takenBytes]).toEqual([null, 0]);
    } finally {
      jest.useRealTimers();
    }
  });

  it('leave no room to one that is larger than all together, and no debt behind', () => {
    const pages = pagesOf();
    pages.store('v', '/large', Buffer.alloc(65 * MIB));
    for (let n = 0; n < 63; n++) pages.store('v', `/${n}`, mib);
    expect(['/large', '/0', '/62'].map((address) => pages.find('v', address) !== null)).toEqual([
      false,
      true,
      true,
    ]);
  });

  it.each<[string, Partial<Environment>, boolean]>([
    ['one process that plays all roles', {}, true],
    [
      'one of several, with a server between them',
      { roles: ['api'] as Role[], redisUrl: 'redis://127.0.0.1' },
      true,
    ],
    ['one of several, with nothing between them', { roles: ['api'] as Role[] }, false],
    ['one of two that share the roles otherwise', { roles: ['api', 'worker'] as Role[] }, false],
  ])('are kept by %s: %j %s', async (_who, environment, isKept) => {
    const pages = pagesOf(environment);
    await pages.version('payouts', TENANT);
    const version = await pages.version('payouts', TENANT);
    expect(version !== null).toBe(isKept);
    if (isKept) expect(await pages.version('payouts', TENANT)).toBe(version);
  });
});
