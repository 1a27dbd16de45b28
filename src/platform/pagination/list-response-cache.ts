import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { newId, type TenantId } from '../../kernel/ids';
import { type Tx, UnitOfWork } from '../../kernel/tx';
import { Cache } from '../cache/cache';
import { LocalCache } from '../cache/local-cache';
import { Environment, ROLES } from '../config';
import { RequestCoalescer } from './request-coalescer';

const RESPONSE_CACHE_TTL_MS = 60_000;
/** Longer than a response is fresh, or a version that expired would make stale responses valid again. */
const VERSION_TTL_MS = 3_600_000;
/** Twice the lifetime of a response: afterwards no response is left that was read before the write. */
const PENDING_TTL_MS = 2 * RESPONSE_CACHE_TTL_MS;
const PENDING_RETRY_MS = 500;
const BYTES_MAX = 64 * 1_024 * 1_024;
/** The memory of an entry besides its bytes and its key, so that many small responses are bounded, too. */
const OVERHEAD_BYTES = 512;

/**
 * Responses of lists. They are stored in this process. Processes share a version per list and tenant, which every
 * write replaces: a response is found only under the version that was read before its rows were. Versions are
 * random, so that a server that lost them cannot count up to an old one. A response can be older than a write by
 * the time between its commit and the new version, and never by more than its lifetime. Responses in Redis were
 * rejected: fetching one takes longer than finding it here. A new version that Redis did not accept is a pending
 * invalidation: it is sent again and again, and until then this process neither stores nor finds responses of that
 * list.
 */
@Injectable()
export class ListResponseCache implements OnApplicationShutdown {
  private readonly responses = new LocalCache<string, Buffer>({
    ttlMs: RESPONSE_CACHE_TTL_MS,
    maxBytes: BYTES_MAX,
    bytesOf: (bytes, key) => bytes.length + Buffer.byteLength(key) + OVERHEAD_BYTES,
  });
  private readonly versionReads = new RequestCoalescer<string | null>();
  /** The version that each list must get, until Redis has it. */
  private readonly pendingInvalidations = new Map<string, string>();
  /** False for one of several processes without Redis: it would not see the writes of the others. */
  private readonly isEnabled: boolean;

  constructor(
    private readonly cache: Cache,
    private readonly uow: UnitOfWork,
    { redisUrl, roles }: Environment,
  ) {
    this.isEnabled = redisUrl !== undefined || ROLES.every((role) => roles.includes(role));
  }

  /** Null when the version is not known: then nothing is stored, and the database is read. */
  async version(list: string, tenant: TenantId): Promise<string | null> {
    if (!this.isEnabled) return null;
    const key = keyOf(list, tenant);
    return this.versionReads.ask(key, async () => {
      if (this.pendingInvalidations.has(key)) return null;
      const version = await this.cache.get<string>(key);
      if (version === null) await this.cache.set(key, newId(), VERSION_TTL_MS);
      return version;
    });
  }

  /** In the transaction of every write that changes what the list shows; takes effect after its commit. */
  invalidate(tx: Tx, list: string): void {
    const key = keyOf(list, this.uow.tenantOf(tx));
    if (this.isEnabled)
      this.uow.afterCommit(tx, () => this.replaceVersion(key, performance.now() + PENDING_TTL_MS));
  }

  onApplicationShutdown(): void {
    this.pendingInvalidations.clear();
  }

  /** The memory of all stored responses. */
  get storedBytes(): number {
    return this.responses.bytes;
  }

  find(version: string, address: string): Buffer | null {
    return this.responses.get(`${version} ${address}`) ?? null;
  }

  store(version: string, address: string, response: Buffer): void {
    this.responses.set(`${version} ${address}`, withoutSlab(response));
  }

  private async replaceVersion(key: string, untilMs: number): Promise<void> {
    const version = newId();
    this.pendingInvalidations.set(key, version);
    const accepted = await this.cache.set(key, version, VERSION_TTL_MS);
    const isLatest = () => this.pendingInvalidations.get(key) === version;
    if (!isLatest()) return;
    if (accepted || performance.now() > untilMs) this.pendingInvalidations.delete(key);
    else setTimeout(() => void (isLatest() && this.replaceVersion(key, untilMs)), PENDING_RETRY_MS).unref();
  }
}

/** Small buffers share a slab with others; one stored response would keep its whole slab in memory. */
function withoutSlab(response: Buffer): Buffer {
  if (response.buffer.byteLength === response.length) return response;
  const copy = Buffer.allocUnsafeSlow(response.length);
  response.copy(copy);
  return copy;
}

function keyOf(list: string, tenant: TenantId): string {
  return `${tenant}:pages:${list}`;
}
