import { startApp, type TestApp } from '../support';

describe('the metrics of a process', () => {
  let world: TestApp;

  beforeAll(async () => {
    world = await startApp();
  });
  afterAll(() => world.close());

  it('count requests by route and calls to the provider by outcome, without any id', async () => {
    const tenant = await world.tenant();
    await tenant.recipients(['ann']);
    const { id } = await tenant.settle('contest-metrics', { ann: 10 });
    await tenant.paid(id);
    const figures = await (await fetch(`${world.url}/metrics`)).text();
    expect(figures).toMatch(
      /http_request_duration_seconds_count\{method="POST",route="\/api\/v1\/settlements",status="201"\} 1/,
    );
    expect(figures).toMatch(
      /disburse_provider_call_duration_seconds_count\{call="send",outcome="succeeded"\} 1/,
    );
    expect(figures).not.toContain(id);
    expect(figures).not.toContain(tenant.id);
  });
});
