import { testApp } from './support/test-app';

/** Who the log says has called, with what the last hop is and what the header claims. */
async function seen(
  trustedProxies: number | string[] | false,
  remoteAddress: string,
  forwarded: string,
): Promise<unknown> {
  const t = await testApp({ limits: { trustedProxies } });
  try {
    const line = t.log.next('http.request');
    await t.send(null, { url: '/health/live', remoteAddress, headers: { 'x-forwarded-for': forwarded } });
    return (await line).fields['remoteHost'];
  } finally {
    await t.close();
  }
}

describe('X-Forwarded-For', () => {
  it.each<[string, number | string[] | false, string, string, string]>([
    ['counts for nothing unless a proxy is trusted', false, '203.0.113.9', '198.51.100.1', '203.0.113.9'],
    ['names the caller behind a trusted proxy', ['10.0.0.0/8'], '10.1.2.3', '198.51.100.1', '198.51.100.1'],
    ['counts for nothing from another address', ['10.0.0.0/8'], '203.0.113.9', '198.51.100.1', '203.0.113.9'],
    [
      'is read from its end: what the caller put in front does not count',
      ['10.0.0.0/8'],
      '10.1.2.3',
      '127.0.0.1, 198.51.100.1',
      '198.51.100.1',
    ],
    ['is read as far back as there are proxies', 1, '10.1.2.3', '127.0.0.1, 198.51.100.1', '198.51.100.1'],
    ['is read over two proxies', 2, '10.1.2.3', '127.0.0.1, 198.51.100.1, 10.9.9.9', '198.51.100.1'],
  ])('%s', async (_what, trusted, hop, header, caller) => {
    expect(await seen(trusted, hop, header)).toBe(caller);
  });
});
