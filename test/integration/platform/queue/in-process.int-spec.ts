import { Metrics } from '../../../../src/platform/metrics';
import { InProcessWakeUps } from '../../../../src/platform/queue/in-process-wake-ups';
import { QuietLog } from '../quiet-log';
import { keepsThePromisesOfWakeUps } from './wake-ups.contract';

describe('wake-ups within one process', () => {
  keepsThePromisesOfWakeUps(() => {
    const wakeUps = new InProcessWakeUps(['transfers'], new QuietLog(), new Metrics());
    const poison = (key: string) =>
      ['not a key', 'neither\n', key].forEach((text) => wakeUps.wake('transfers', text));
    return Promise.resolve({ wakeUps, queue: 'transfers', poison });
  });

  it('says that it is in this process only, and counts what nobody here consumes', () => {
    const wakeUps = new InProcessWakeUps(['transfers'], new QuietLog(), new Metrics());
    wakeUps.wake('transfers', 'acct');
    expect(wakeUps.status()).toEqual({
      adapter: 'in-process',
      connected: true,
      queues: [{ queue: 'transfers', lastDeliveryAt: null, rejected: 1, dropped: 0, failed: 0 }],
    });
  });
});
