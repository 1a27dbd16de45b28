import type { Exceptions, WallName } from './walls';

const RELAYED = 'the relay leases and marks events of all tenants; it cannot read what they say';
const PURGED = 'what was told long ago is thrown away for all tenants at once';

const ENDED =
  'what ends for a person ends, and is told, in all of their tenants in the one transaction that ends it';

const OF_PEOPLE =
  'a person belongs to the installation and may have many tenants; only the system reaches it';

const COUNTS_EVERYWHERE =
  "one number, raised when somebody who may act in any tenant may no longer: nobody's data, and every write asks it";

/** Where a wall has a door, and why. */
export const EXCEPTIONS: Partial<Record<WallName, Exceptions>> = {
  'every table belongs to tenants': {
    'platform.scheduled_runs': "a run of a schedule is the installation's; only the system reaches it",
    'platform.installation_epoch': COUNTS_EVERYWHERE,
    'platform.installation_epoch (application)': COUNTS_EVERYWHERE,
    'identity.users': OF_PEOPLE,
    'identity.sessions': OF_PEOPLE,
    'identity.refresh_families': OF_PEOPLE,
    'identity.refresh_tokens': OF_PEOPLE,
    'identity.one_time_tokens': OF_PEOPLE,
    'identity.installation_log': OF_PEOPLE,
  },
  'keys begin with the tenant': {
    'connections.rail_accounts_provider_account':
      "two tenants on one provider account would spend each other's money",
    'connections.webhook_endpoints_address':
      'the id alone is the address that a provider calls before a tenant is known',
  },
  'nobody else has a way in': {
    'platform.access_epochs/system_adds': ENDED,
    'platform.access_epochs/system_raises': ENDED,
    'platform.audit_log/system_tells': ENDED,
    'platform.outbox/system_claims': RELAYED,
    'platform.outbox/system_purges': PURGED,
    'platform.inbox/system_purges': PURGED,
    'platform.event_failures/system_purges': PURGED,
  },
  'facts stay as they were written': {
    'platform.inbox': 'the application only adds claims; the system throws old ones away',
  },
  'functions of the owner answer who, and nothing else': {
    'identity.lock_derived_keys':
      'the keys that are revoked with a user: by their scopes, and with their names for the audit logs',
    'platform.lock_installation_epoch': 'the number itself, which the application reads anyway',
    'identity.scopes_of_usable_key':
      'what the key may that asked for a token, while it may be used: the token is worth no more',
  },
  'the system sees routes only': {
    'tenancy.tenants.name': 'people who run the installation tell its tenants apart by it',
    'platform.access_epochs.epoch UPDATE': ENDED,
    'identity.memberships.name': 'the name that a tenant gave somebody, under which they act in its trail',
    'platform.outbox.name': 'the wire name of an event, by which the relay finds its readers',
    'platform.outbox.available_at UPDATE': RELAYED,
    'platform.outbox.tries UPDATE': RELAYED,
    'platform.outbox.delivered_at UPDATE': RELAYED,
    'platform.outbox DELETE': PURGED,
    'platform.inbox DELETE': PURGED,
    'platform.event_failures DELETE': PURGED,
  },
};
