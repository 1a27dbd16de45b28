import type { Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { ControlRoutes } from './control/routes';
import { SimulatorControl } from './control/simulator-control';
import type { SimulatorOptions } from './options';
import { createHttpServer } from './server';
import { restore } from './state/restore';
import { World } from './state/world';

/**
 * A running Stripe that is none: the address to point stripe-node at, and every control call without a
 * socket.
 */
export class Simulator extends SimulatorControl {
  private readonly control: ControlRoutes;
  private readonly sockets = new Set<Socket>();

  constructor(
    private readonly world: World,
    private readonly server: Server,
  ) {
    super();
    this.control = new ControlRoutes(world);
    server.on('connection', (socket) => {
      this.sockets.add(socket);
      socket.once('close', () => this.sockets.delete(socket));
    });
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  get url(): string {
    return `http://${(this.server.address() as AddressInfo).address}:${this.port}`;
  }

  /** Cuts what still hangs, and writes the journal to its end. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    for (const socket of this.sockets) socket.destroy();
    await closed;
    this.world.close();
  }

  protected async call(method: 'GET' | 'POST', target: string, body?: unknown): Promise<unknown> {
    // Through JSON, so that a caller in this process can neither see nor change more than one outside.
    return JSON.parse(JSON.stringify(await this.control.dispatch(method, target, body))) as unknown;
  }
}

export interface NotYetListening {
  listen(port?: number): Promise<Simulator>;
}

export function createSimulator(options: SimulatorOptions = {}): NotYetListening {
  if (process.env['NODE_ENV'] === 'production')
    throw new Error('the Stripe simulator refuses to run with NODE_ENV=production');
  const world = new World(options);
  restore(world);
  const server = createHttpServer(world);
  return {
    listen: (port = options.port ?? 0) =>
      new Promise((resolve, reject) => {
        server.once('error', reject);
        const simulator = new Simulator(world, server);
        server.listen(port, options.host ?? '127.0.0.1', () => resolve(simulator));
      }),
  };
}

export function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  return createSimulator(options).listen();
}
