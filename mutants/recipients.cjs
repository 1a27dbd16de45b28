'use strict';

module.exports = [
  {
    name: 'account-lease-not-checked',
    what: 'concurrent requests open an account each',
    file: 'src/modules/recipients/application/open-account.ts',
    find: 'if (isLeased(opening, now)) throw new AccountOpeningInProgress(opening.leaseUntil as Date);',
    replace: '',
    test: 'test/integration/recipients/account-opening.int-spec.ts',
    title: 'opens one account for fifty concurrent requests',
  },
  {
    name: 'account-of-another-taken',
    what: 'an account that was named for another recipient is connected all the same',
    file: 'src/modules/recipients/application/connect-opened-account.ts',
    find: 'if (taken) {',
    replace: 'if (taken?.recipientId === recipientId) {',
    test: 'test/integration/recipients/account-opening.int-spec.ts',
    title: 'opens another account when the opened one was connected to another recipient meanwhile',
  },
  {
    name: 'account-opening-given-up',
    what: 'a lost response ends the opening of an account',
    file: 'src/modules/recipients/infrastructure/stripe/stripe-onboarding-gateway.ts',
    find: `if (!status || status < 400 || status === 409 || status === 424 || status >= 500)
      return { ...rest, kind: 'unknown',
        reason: status ? 'stripe_server_error' : 'stripe_connection_error', stored: status === 500,
        soon: false };`,
    replace: `if (!status || status < 400 || status === 409 || status === 424 || status >= 500)
      return { ...rest, kind: 'rejected',
        reason: status ? 'stripe_server_error' : 'stripe_connection_error' };`,
    test: 'test/integration/recipients/account-opening.int-spec.ts',
    title: 'opens one account when Stripe created it and we got lose_answer',
  },
  {
    name: 'own-error-is-ambiguous',
    what: 'an error of our own before the call makes the opening ambiguous',
    file: 'src/modules/recipients/infrastructure/stripe/stripe-onboarding-gateway.ts',
    find: "return { ...NO_RESPONSE, kind: 'no_effect', reason: 'rail_account_unavailable', error };",
    replace: `return { ...NO_RESPONSE, kind: 'unknown', stored: false, soon: false,
        reason: 'rail_account_unavailable', error };`,
    test: 'test/integration/recipients/account-opening.int-spec.ts',
    title: 'is not ambiguous when an error of our own prevents the call',
  },
  {
    name: 'search-without-tenant',
    what: 'a search returns the ids of every tenant',
    file: 'src/modules/recipients/infrastructure/persistence/migrations/1764000050000-recipients.ts',
    find: 'WHERE r.tenant_id = own AND (r.name ILIKE pattern OR r.external_id ILIKE pattern))',
    replace: 'WHERE (r.name ILIKE pattern OR r.external_id ILIKE pattern))',
    test: 'test/integration/recipients/search.int-spec.ts',
    title: 'finds nothing of another tenant',
  },
];
