import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import Stripe from 'stripe';

export interface Arrived {
  readonly id: string;
  readonly type: string;
  readonly objectId: string;
  readonly account?: string;
  /** False when stripe-node rejected the signature; then the rest is from the unverified body. */
  readonly genuine: boolean;
}

/** An application's endpoint: verifies with stripe-node, and returns 400 for an invalid signature. */
export class WebhookSink {
  readonly arrived: Arrived[] = [];
  secret = '';
  /** Responses to the next deliveries, whatever they contain. */
  readonly responses: number[] = [];
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

  /** Resolves when this many deliveries have arrived. */
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
    const status = this.responses.shift();
    const arrived =
      status === undefined ? this.verify(body, signature) : { ...fieldsOf(body), genuine: false };
    this.arrived.push(arrived);
    const ready = this.waiting.filter(({ count }) => this.arrived.length >= count);
    this.waiting = this.waiting.filter((waiter) => !ready.includes(waiter));
    for (const { resolve } of ready) resolve();
    return status ?? (arrived.genuine ? 200 : 400);
  }

  private verify(body: string, signature: string): Arrived {
    try {
      Stripe.webhooks.constructEvent(body, signature, this.secret);
      return { ...fieldsOf(body), genuine: true };
    } catch {
      return { ...fieldsOf(body), genuine: false };
    }
  }
}

function fieldsOf(body: string): Omit<Arrived, 'genuine'> {
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
