import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { newId, type TenantId } from '../../kernel/ids';
import { type Tx, UnitOfWork } from '../../kernel/tx';
import { Cache } from '../cache/cache';
import { Environment, ROLES } from '../config';
import { RequestCoalescer } from './request-coalescer';

const KEPT_MS = 60_000;
/** Longer than any page is kept, or a version that is forgotten would let old pages come back. */
const VERSION_MS = 3_600_000;
/** Twice as long as a page is kept: then no page is left that was read before the write. */
const OWED_MS = 2 * KEPT_MS;
const OWED_AGAIN_MS = 500;
const BYTES_MAX = 64 * 1_024 * 1_024;
/**
 * What a page takes beside its bytes and its address. Without it, many small pages would take many times the
 * limit.
 */
const OVERHEAD_BYTES = 512;

interface Kept {
  readonly bytes: Buffer;
  readonly takes: number;
  readonly untilMs: number;
}

/**
 * Pages of lists, as they went out. They lie in this process; what is shared is a version per list and
 * tenant, which every write makes a new one of: a page is found only under the version that its reader saw
 * before it read. Versions are random, so that a server that forgot them cannot count up to an old one. A
 * page may be older than a write by the time between its commit and the new version, and never by more than a
 * minute. Pages in Redis were rejected: fetching one costs more than finding it here. A new version that
 * Redis did not take is owed: it is offered again and again, and until then this process keeps nothing of
 * that list.
 */
@Injectable()
export class ListResponseCache implements OnApplicationShutdown {
  private readonly kept = new Map<string, Kept>();
  private readonly reading = new RequestCoalescer<string | null>();
  private taken = 0;
  /** The version that each list should have by now, until Redis has it. */
  private readonly owed = new Map<string, string>();
  /** Several processes without a server between them would not hear of each other's writes. */
  private readonly isShared: boolean;

  constructor(
    private readonly cache: Cache,
    private readonly uow: UnitOfWork,
    { redisUrl, roles }: Environment,
  ) {
    this.isShared = redisUrl !== undefined || ROLES.every((role) => roles.includes(role));
  }

  /** Null while nobody can tell: then nothing is kept, and the database answers. */
  async version(list: string, tenant: TenantId): Promise<string | null> {
    if (!this.isShared) return null;
    const key = keyOf(list, tenant);
    return this.reading.ask(key, async () => {
      if (this.owed.has(key)) return null;
      const known = await this.cache.get<string>(key);
      if (known === null) await this.cache.set(key, newId(), VERSION_MS);
      return known;
    });
  }

  /** What was written is told to all readers once it is committed. */
  invalidate(tx: Tx, list: string): void {
    const key = keyOf(list, this.uow.tenantOf(tx));
    if (this.isShared) this.uow.afterCommit(tx, () => this.renew(key, performance.now() + OWED_MS));
  }

  onApplicationShutdown(): void {
    this.owed.clear();
  }

  /** By all that are kept, with what each takes beside its own. */
  get takenBytes(): number {
    return this.taken;
  }

  find(version: string, address: string): Buffer | null {
    const key = `${version} ${address}`;
    const kept = this.kept.get(key);
    if (kept && kept.untilMs > performance.now()) return kept.bytes;
    this.drop(key);
    return null;
  }

  store(version: string, address: string, page: Buffer): void {
    const key = `${version} ${address}`;
    this.drop(key);
    const bytes = alone(page);
    const takes = bytes.length + Buffer.byteLength(key) + OVERHEAD_BYTES;
    this.kept.set(key, { bytes, takes, untilMs: performance.now() + KEPT_MS });
    this.taken += takes;
    // What is oldest goes first: pages of old versions are never asked for again.
    for (const oldest of this.kept.keys()) {
      if (this.taken <= BYTES_MAX) break;
      this.drop(oldest);
    }
  }

  private drop(key: string): void {
    this.taken -= this.kept.get(key)?.takes ?? 0;
    this.kept.delete(key);
  }

  private async renew(key: string, untilMs: number): Promise<void> {
    const version = newId();
    this.owed.set(key, version);
    const told = await this.cache.set(key, version, VERSION_MS);
    // Otherwise a later write owes a later one.
    if (this.owed.get(key) !== version) return;
    if (told || performance.now() > untilMs) this.owed.delete(key);
    else
      setTimeout(
        () => void (this.owed.get(key) === version && this.renew(key, untilMs)),
        OWED_AGAIN_MS,
      ).unref();
  }
}

/**
 * Small buffers lie in slabs that they share with others: one page would keep all of its slab alive, and be
 * counted as what it shows.
 */
function alone(page: Buffer): Buffer {
  if (page.buffer.byteLength === page.length) return page;
  const copy = Buffer.allocUnsafeSlow(page.length);
  page.copy(copy);
  return copy;
}

function keyOf(list: string, tenant: TenantId): string {
  return `${tenant}:pages:${list}`;
}
