import { createHash } from 'node:crypto';
import { tenantIdOf, type TenantId } from '../../../kernel/ids';

/**
 * A UUID of version 8 (RFC 9562): the same maker and key give the same id. A tenant has nobody's table of
 * idempotency keys before it is there, so its own primary key says that it was made before.
 */
export function tenantIdFrom(makerId: string, key: string): TenantId {
  const bytes = createHash('sha256').update(`tenant ${makerId} ${key}`).digest().subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x80, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return tenantIdOf(bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5'));
}
