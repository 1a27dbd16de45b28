import { createHash } from 'node:crypto';
import { tenantIdOf, type TenantId } from '../../../kernel/ids';

/**
 * A UUID of version 8 (RFC 9562): the same creator and key give the same id. A tenant that does not exist yet
 * has no table of idempotency keys; a repeat conflicts with its primary key instead.
 */
export function tenantIdFrom(creatorId: string, key: string): TenantId {
  const bytes = createHash('sha256').update(`tenant ${creatorId} ${key}`).digest().subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x80, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return tenantIdOf(bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5'));
}
