import { Misconfigured } from '../../kernel/errors';
import type { Log } from '../logging';
import type { WakeUpQueue } from './bull-queues';

const SAFE_POLICY = 'noeviction';
const REMEDY =
  'set maxmemory-policy to noeviction: any other policy lets Redis forget waiting wake-ups when memory is short';

/**
 * Looks at each connect. At the start a production process refuses to work with a Redis that forgets; a Redis
 * that cannot be asked is no reason not to start, because it may be away at any other time too.
 */
export class RedisPolicy {
  constructor(
    private readonly queue: WakeUpQueue,
    private readonly refuse: boolean,
    private readonly log: Log,
  ) {}

  async checkAtStart(): Promise<void> {
    const { client } = this.queue;
    await connectedOrNot(client);
    const policy = await this.policy();
    client.on('ready', () => void this.policy().then((later) => this.warnOf(later)));
    if (policy !== null && policy !== SAFE_POLICY && this.refuse)
      throw new Misconfigured(`Redis has maxmemory-policy ${policy}; ${REMEDY}`);
    this.warnOf(policy);
  }

  private warnOf(policy: string | null): void {
    if (policy === null)
      this.log.warn('queue.redis_unavailable', {
        remedy: 'wake-ups are lost until Redis is back; sweeps go on finding the work',
      });
    else if (policy !== SAFE_POLICY) this.log.warn('queue.redis_may_forget', { policy, remedy: REMEDY });
  }

  /** From INFO, since hosted servers often forbid CONFIG. */
  private async policy(): Promise<string | null> {
    try {
      return /^maxmemory_policy:(\S+)/m.exec(await this.queue.client.info('memory'))?.[1] ?? null;
    } catch {
      return null;
    }
  }
}

function connectedOrNot(client: WakeUpQueue['client']): Promise<void> {
  if (client.status === 'ready') return Promise.resolve();
  return new Promise((resolve) => {
    const settled = () => {
      client.off('ready', settled);
      client.off('close', settled);
      resolve();
    };
    client.once('ready', settled);
    client.once('close', settled);
  });
}
