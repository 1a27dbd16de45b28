import { probe } from './support/probe.controller';
import { testApp } from './support/test-app';

it('a stop finishes the requests that run, and takes no new ones', async () => {
  const t = await testApp();
  const caller = await t.caller();
  await t.app.listen(0, '127.0.0.1');
  const url = await t.app.getUrl();
  let open = (): void => undefined;
  probe.gate = new Promise((resolve) => (open = resolve));
  const entered = new Promise<void>((resolve) => (probe.entered = resolve));
  const headers = {
    'x-api-key': caller.secret,
    'idempotency-key': 'during-a-stop',
    'content-type': 'application/json',
  };
  const running = fetch(`${url}/api/v1/probe`, {
    method: 'POST',
    headers,
    body: '{"amount":"1.00","currency":"USD"}',
  });
  await entered;
  const stopped = t.close();
  await refusal(`${url}/health/live`);
  open();
  const answer = await running;
  expect([answer.status, answer.headers.get('connection')]).toEqual([201, 'close']);
  await answer.text();
  await stopped;
});

/** Waits until the listener is closed. */
async function refusal(url: string): Promise<void> {
  for (;;) {
    const answer = await fetch(url, { headers: { connection: 'close' } }).catch(() => null);
    if (!answer) return;
    await answer.text();
  }
}
