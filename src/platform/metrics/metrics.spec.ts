import { NotFoundException, UnauthorizedException } from '@nestjs/common';
import type { Environment } from '../config';
import { Metrics } from '.';
import { MetricsController } from './metrics.controller';

const TOKEN = 'f3c9d1a7b5e2f3c9d1a7';

function reading(environment: Partial<Environment>, authorization?: string): Promise<string> {
  const metrics = new Metrics();
  metrics.counter({ name: 'disburse_things_total', help: 'Things.' }).inc();
  return new MetricsController(metrics, environment as Environment).read(authorization);
}

describe('the figures of a process', () => {
  it('answers the same metric to everybody who asks for it', async () => {
    const metrics = new Metrics();
    for (const reason of ['a', 'b', 'b'])
      metrics.counter({ name: 'disburse_drops_total', help: 'Drops.', labels: ['reason'] }).inc({ reason });
    expect(await metrics.registry.metrics()).toContain('disburse_drops_total{reason="b"} 2');
  });

  it('asks a gauge when it is read', async () => {
    const metrics = new Metrics();
    metrics.gauge({
      name: 'disburse_pending',
      help: 'Pending.',
      async collect() {
        this.set(await Promise.resolve(7));
      },
    });
    expect(await metrics.registry.metrics()).toContain('disburse_pending 7');
  });

  it('are open outside production, and closed in production without a token', async () => {
    expect(await reading({ isProduction: false })).toContain('disburse_things_total 1');
    await expect(reading({ isProduction: true })).rejects.toThrow(NotFoundException);
  });

  it('want the token wherever there is one', async () => {
    const environment = { isProduction: true, metricsToken: TOKEN };
    await expect(reading(environment)).rejects.toThrow(UnauthorizedException);
    await expect(reading(environment, `Bearer ${TOKEN}x`)).rejects.toThrow(UnauthorizedException);
    expect(await reading(environment, `Bearer ${TOKEN}`)).toContain('disburse_things_total 1');
  });
});
