import { InvalidTenantName } from './errors';

const NAME_MAX = 200;

/** @throws InvalidTenantName */
export function tenantNameOf(text: string): string {
  const name = text.trim().normalize('NFC');
  if (name.length === 0 || name.length > NAME_MAX) throw new InvalidTenantName();
  return name;
}

/**
 * Ends in the random part of the id: with a unique index over all tenants, one tenant could learn the names
 * of others.
 */
export function slugOf(name: string, id: string): string {
  const words = name
    .toLowerCase()
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 40)
    .replace(/^-+|-+$/g, '');
  return `${words || 'tenant'}-${id.slice(-12)}`;
}
