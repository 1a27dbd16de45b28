import type { Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { ControlRoutes } from './control/routes';
import { SimulatorControl } from './control/simulator-control';
import type { SimulatorOptions } from './options';
import { createHttpServer } from './server';
import { restore } from './state/restore';
import { Simulation } from './state/simulation';

/**
 * A running simulator: its address for stripe-node, and every control call without a socket.
 */
export class Simulator extends SimulatorControl {
  private readonly control: ControlRoutes;
  private readonly sockets = new Set<Socket>();

  constructor(
    private readonly simulation: Simulation,
    private readonly server: Server,
  ) {
    super();
    this.control = new ControlRoutes(simulation);
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

  /** Closes all connections and writes the rest of the journal. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    for (const socket of this.sockets) socket.destroy();
    await closed;
    this.simulation.close();
  }

  protected async call(method: 'GET' | 'POST', target: string, body?: unknown): Promise<unknown> {
    // Through JSON, so that a caller in this process sees no more than one in another process.
    return JSON.parse(JSON.stringify(await this.control.dispatch(method, target, body))) as unknown;
  }
}

export interface NotYetListening {
  listen(port?: number): Promise<Simulator>;
}

export function createSimulator(options: SimulatorOptions = {}): NotYetListening {
  if (process.env['NODE_ENV'] === 'production')
    throw new Error('the Stripe simulator does not run with NODE_ENV=production');
  const simulation = new Simulation(options);
  restore(simulation);
  const server = createHttpServer(simulation);
  return {
    listen: (port = options.port ?? 0) =>
      new Promise((resolve, reject) => {
        server.once('error', reject);
        const simulator = new Simulator(simulation, server);
        server.listen(port, options.host ?? '127.0.0.1', () => resolve(simulator));
      }),
  };
}

export function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  return createSimulator(options).listen();
}
