import { type Method, operationIdOf } from './operation-id';

describe('the name of an operation', () => {
  it.each<[Method, string, string]>([
    ['post', '/api/v1/payouts', 'createPayout'],
    ['get', '/api/v1/payouts/{id}', 'getPayout'],
    ['patch', '/api/v1/payouts/{id}', 'updatePayout'],
    ['delete', '/api/v1/api-keys/{id}', 'deleteApiKey'],
    ['post', '/api/v1/payouts/{id}/cancel', 'cancelPayout'],
    ['post', '/api/v1/transfers/{id}/mark-paid', 'markTransferPaid'],
    ['post', '/api/v1/users/{id}/reset-password', 'resetUserPassword'],
    ['put', '/api/v1/connections/webhook-endpoints/{id}/secret', 'replaceWebhookEndpointSecret'],
    ['get', '/api/v1/tenant/settings', 'getSettings'],
    ['post', '/api/v1/auth/change-password', 'changePassword'],
    ['post', '/api/v1/ledger/entries', 'createEntry'],
    ['get', '/health', 'getHealth'],
  ])('%s %s is %s', (method, path, id) => expect(operationIdOf(method, path, false)).toBe(id));

  it('says of a page that it lists', () => {
    expect(operationIdOf('get', '/api/v1/payouts', true)).toBe('listPayouts');
    expect(operationIdOf('get', '/api/v1/payout-jobs/{id}/transfers', true)).toBe('listPayoutJobTransfers');
  });
});
