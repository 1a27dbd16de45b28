import { isIP } from 'node:net';

/**
 * Whose addresses hold an IPv4 address in their last 32 bits: mapped ones, and those that a gateway
 * translates (RFC 6052).
 */
const HOLDS_IPV4 = ['0:0:0:0:0:ffff:', '64:ff9b:0:0:0:0:'];

/**
 * Whom an address stands for in a limit. One customer of a provider has a whole /64 of IPv6 to choose from,
 * so that is one;
 * `wide` is what one who is determined can have many addresses in: a /24, or a /48.
 */
export function networkOf(address: string, width: 'own' | 'wide' = 'own'): string {
  const ip = address.split('%', 1)[0] as string;
  if (isIP(ip) === 4) return ofFour(ip, width);
  if (isIP(ip) !== 6) return address;
  const groups = groupsOf(ip);
  const text = groups.join(':');
  if (HOLDS_IPV4.some((prefix) => text.startsWith(prefix)))
    return ofFour(groups.slice(6).flatMap(bytesOf).join('.'), width);
  return width === 'own' ? `${groups.slice(0, 4).join(':')}::/64` : `${groups.slice(0, 3).join(':')}::/48`;
}

function ofFour(ip: string, width: 'own' | 'wide'): string {
  return width === 'own' ? ip : ip.replace(/\d+$/, '0/24');
}

/**
 * All eight, without leading zeros: the URL parser knows every way to write them, and its short form has one
 * gap at most.
 */
function groupsOf(ip: string): string[] {
  const [head = '', tail] = new URL(`http://[${ip}]`).hostname.slice(1, -1).split('::');
  const split = (part: string | undefined) => (part ? part.split(':') : []);
  const [before, after] = [split(head), split(tail)];
  return [...before, ...Array<string>(8 - before.length - after.length).fill('0'), ...after];
}

function bytesOf(group: string): number[] {
  const value = parseInt(group, 16);
  return [value >> 8, value & 255];
}
