import { v7 } from 'uuid';
import type { Brand } from './brand';
import { DomainError } from './errors';

export type TenantId = Brand<string, 'TenantId'>;

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

export class InvalidId extends DomainError {
  readonly code = 'invalid_id';
  readonly kind = 'invalid';
}

/** UUID v7: time-ordered, so that new rows go to the end of an index. */
export function newId(): string {
  return v7();
}

export function isUuid(text: unknown): text is string {
  return typeof text === 'string' && UUID.test(text);
}

/** The only way to a TenantId; throws InvalidId for anything but a lower-case UUID. */
export function tenantIdOf(text: string): TenantId {
  if (!isUuid(text)) throw new InvalidId('A tenant id is a UUID in lower case.');
  return text as TenantId;
}
