import { scrubbed } from './scrub';

describe('a text on its way to the log', () => {
  it.each([
    '0198b0f2-6a10-7c44-8e21-5d1c0a9b7f32',
    '01234567-0123-7123-8123-012345678901',
    'DELETE',
    'payout.created',
    '/api/v1/payouts/:id/events',
    '10.0.255.1',
    'ds_records',
    '',
  ])('%s stays', (text) => expect(scrubbed(text)).toBe(text));

  it.each([
    ['sk_live_abc', '[provider key]'],
    ['dk_abc', '[key]'],
    [`/auth/ds_${'aB-_'.repeat(10)}abc`, '/auth/[token]'],
    [`dr_${'a'.repeat(43)}.di_${'b'.repeat(43)}`, '[token].[token]'],
    ['/api/v1/123456789012', '/api/v1/[number]'],
    ['/api/v1/sk_live_abc', '/api/v1/[provider key]'],
    ['0123456789012', '[number]'],
    ['01234567-0123-7123', '[number]'],
    ['DE89370400440532013000', '[account]'],
    ['ann@example.com', '[e-mail]'],
    ['payout.created\nann@example.com', 'payout.created\n[e-mail]'],
  ])('%j becomes %j', (text, clean) => expect(scrubbed(text)).toBe(clean));
});
