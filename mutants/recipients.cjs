'use strict';

module.exports = [
  {
    name: 'account-lease-not-asked',
    what: 'an account is opened by everybody who asks at once',
    file: 'src/modules/recipients/application/open-account.ts',
    find: 'if (isBeingCalled(opening, now)) throw new AccountOpeningInProgress(opening.leaseUntil as Date);',
    replace: '',
    test: 'test/integration/recipients/onboarding.int-spec.ts',
    title: 'opens one account for fifty who ask at the same moment',
  },
  {
    name: 'account-not-looked-up',
    what: 'the key of an account is sent when Stripe may have forgotten it',
    file: 'src/modules/recipients/domain/account-opening.ts',
    find: "const callKind: OpeningCall = age < policy.safeWindowMs && opening.serverErrors < SERVER_ERRORS_MAX ? 'create' : 'look_up';",
    replace: "const callKind: OpeningCall = opening.serverErrors < SERVER_ERRORS_MAX ? 'create' : 'look_up';",
    test: 'test/integration/recipients/onboarding.int-spec.ts',
    title: 'looks before it opens another one when the key may be forgotten',
  },
  {
    name: 'account-of-another-taken',
    what: 'an account that was named for another recipient is connected all the same',
    file: 'src/modules/recipients/application/open-account.ts',
    find: 'if (taken) {',
    replace: 'if (taken?.recipientId === recipientId) {',
    test: 'test/integration/recipients/onboarding.int-spec.ts',
    title: 'opens another account when the one it had opened was named for somebody else meanwhile',
  },
  {
    name: 'account-one-empty-look-up',
    what: 'one empty look-up opens a second account',
    file: 'src/modules/recipients/domain/account-opening.ts',
    find: 'if (from && !opening.lookUpEmptyAt) return { ...opening, lookUpEmptyAt: now };',
    replace: '',
    test: 'src/modules/recipients/domain/account-opening.spec.ts',
    title: 'ends empty after two empty look-ups, each a quarantine after what came before',
  },
  {
    name: 'account-opening-given-up',
    what: 'a lost answer ends the opening of an account',
    file: 'src/modules/recipients/infrastructure/stripe/stripe-onboarding-gateway.ts',
    find: "if (!status || status < 400 || status === 409 || status === 424 || status >= 500) return { ...rest, kind: 'unknown', reason: status ? 'stripe_server_error' : 'stripe_connection_error', stored: status === 500 };",
    replace:
      "if (!status || status < 400 || status === 409 || status === 424 || status >= 500) return { ...rest, kind: 'refused', reason: status ? 'stripe_server_error' : 'stripe_connection_error' };",
    test: 'test/integration/recipients/onboarding.int-spec.ts',
    title: 'opens one account when Stripe had the effect and we got lose_answer',
  },
  {
    name: 'own-trouble-doubts-stripe',
    what: 'a key of ours that does not open leaves a doubt about Stripe',
    file: 'src/modules/recipients/infrastructure/stripe/stripe-onboarding-gateway.ts',
    find: "return { kind: 'no_effect', reason: 'rail_account_unavailable', providerCode: null, providerRequestId: null, error };",
    replace:
      "return { kind: 'unknown', stored: false, reason: 'rail_account_unavailable', providerCode: null, providerRequestId: null, error };",
    test: 'test/integration/recipients/onboarding.int-spec.ts',
    title: 'is in no doubt about Stripe when it is our own side that keeps the call from being sent',
  },
  {
    name: 'search-without-tenant',
    what: 'a search answers the ids of every tenant',
    file: 'src/modules/recipients/infrastructure/persistence/migrations/1764000050000-recipients.ts',
    find: 'WHERE r.tenant_id = own AND (r.name ILIKE pattern OR r.external_id ILIKE pattern))',
    replace: 'WHERE (r.name ILIKE pattern OR r.external_id ILIKE pattern))',
    test: 'test/integration/recipients/search.int-spec.ts',
    title: 'finds nothing of another tenant, whatever is asked',
  },
];
