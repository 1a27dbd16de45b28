import { InvalidOnboardingAddress } from './errors';

const URL_MAX = 2_000;
const LOCAL_HOSTS: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]']);

/** An address to which Stripe redirects: https, or http on this machine where `mayBeLocal`. */
export function onboardingAddress(field: string, text: string, mayBeLocal: boolean): string {
  if (text.length > URL_MAX || /[\s"'<>\\`{}|^]/.test(text) || !URL.canParse(text))
    throw new InvalidOnboardingAddress(field);
  const { protocol, hostname, username, password } = new URL(text);
  const isLocal = mayBeLocal && protocol === 'http:' && LOCAL_HOSTS.has(hostname);
  if ((protocol !== 'https:' && !isLocal) || username || password) throw new InvalidOnboardingAddress(field);
  return text;
}
