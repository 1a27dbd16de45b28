import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import Stripe from 'stripe';

export interface Arrived {
  readonly id: string;
  readonly type: string;
  readonly objectId: string;
  readonly account?: string;
  /** False when stripe-node refused the signature; then the rest is what the body claims. */
  readonly genuine: boolean;
}

/** An endpoint as an application has it: verifies with stripe-node, answers 400 to what is not genuine. */
export class WebhookSink {
  readonly arrived: Arrived[] = [];
  secret = '';
  /** Answers for the next deliveries, before they are even looked at. */
  readonly refuseWith: number[] = [];
  private waiting: { count: number; resolve: () => void }[] = [];

  private constructor(private readonly server: Server) {}

  static async open(): Promise<WebhookSink> {
    const server = createServer();
    const sink = new WebhookSink(server);
    server.on('request', (request, response) => {
      let body = '';
      request.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
      request.on('end', () =>
        response.writeHead(sink.receive(body, String(request.headers['stripe-signature']))).end(),
      );
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return sink;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/webhooks`;
  }

  get genuine(): Arrived[] {
    return this.arrived.filter(({ genuine }) => genuine);
  }

  /** Resolves when so many deliveries have arrived in all. */
  received(count: number): Promise<void> {
    if (this.arrived.length >= count) return Promise.resolve();
    return new Promise((resolve) => this.waiting.push({ count, resolve }));
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.server.close(resolve));
    this.server.closeAllConnections();
    await closed;
  }

  private receive(body: string, signature: string): number {
    const refused = this.refuseWith.shift();
    const arrived = refused === undefined ? this.verify(body, signature) : { ...told(body), genuine: false };
    this.arrived.push(arrived);
    const ready = this.waiting.filter(({ count }) => this.arrived.length >= count);
    this.waiting = this.waiting.filter((waiter) => !ready.includes(waiter));
    for (const { resolve } of ready) resolve();
    return refused ?? (arrived.genuine ? 200 : 400);
  }

  private verify(body: string, signature: string): Arrived {
    try {
      Stripe.webhooks.constructEvent(body, signature, this.secret);
      return { ...told(body), genuine: true };
    } catch {
      return { ...told(body), genuine: false };
    }
  }
}

function told(body: string): Omit<Arrived, 'genuine'> {
  const event = JSON.parse(body) as {
    id: string;
    type: string;
    account?: string;
    data: { object: { id?: string } };
  };
  return {
    id: event.id,
    type: event.type,
    objectId: event.data.object.id ?? '',
    ...(event.account === undefined ? {} : { account: event.account }),
  };
}
