import { Injectable } from '@nestjs/common';
import { newId, type TenantId } from '../../../kernel/ids';
import { type Tx, UnitOfWork } from '../../../kernel/tx';
import { Cache } from '../../cache/cache';
import { Environment, ROLES } from '../../config';

const KEPT_MS = 60_000;
/** Longer than any page is kept, or a version that is forgotten would let old pages come back. */
const VERSION_MS = 3_600_000;
const BYTES_MAX = 64 * 1_024 * 1_024;

interface Kept {
  readonly bytes: Buffer;
  readonly untilMs: number;
}

/**
 * Pages of lists, as they went out. They lie in this process; what is shared is a version per list and tenant, which every write
 * makes a new one of: a page is found only under the version that its reader saw before it read. Versions are random, so that a
 * server that forgot them cannot count up to an old one. A page may be older than a write by the time between its commit and the
 * new version, and never by more than a minute. Pages in Redis were rejected: fetching one costs more than finding it here.
 */
@Injectable()
export class KeptPages {
  private readonly kept = new Map<string, Kept>();
  private bytes = 0;
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
    const known = await this.cache.get<string>(key);
    if (known === null) await this.cache.set(key, newId(), VERSION_MS);
    return known;
  }

  /** What was written is told to all readers once it is committed. */
  outdate(tx: Tx, list: string): void {
    const key = keyOf(list, this.uow.tenantOf(tx));
    if (this.isShared) this.uow.afterCommit(tx, () => this.cache.set(key, newId(), VERSION_MS));
  }

  find(version: string, address: string): Buffer | null {
    const kept = this.kept.get(`${version} ${address}`);
    return kept && kept.untilMs > performance.now() ? kept.bytes : null;
  }

  keep(version: string, address: string, bytes: Buffer): void {
    const key = `${version} ${address}`;
    this.drop(key);
    this.kept.set(key, { bytes, untilMs: performance.now() + KEPT_MS });
    this.bytes += bytes.length;
    // What is oldest goes first: pages of old versions are never asked for again.
    for (const oldest of this.kept.keys()) {
      if (this.bytes <= BYTES_MAX) break;
      this.drop(oldest);
    }
  }

  private drop(key: string): void {
    this.bytes -= this.kept.get(key)?.bytes.length ?? 0;
    this.kept.delete(key);
  }
}

function keyOf(list: string, tenant: TenantId): string {
  return `${tenant}:pages:${list}`;
}
