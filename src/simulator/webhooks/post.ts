import { Agent, request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';

export interface Posted {
  readonly status: number | null;
  readonly error: string | null;
}

/** Posts JSON and reports the status; never follows a redirect, never throws. */
export class WebhookSender {
  private readonly agent = new Agent({ keepAlive: true, maxSockets: 64 });

  constructor(private readonly timeoutMs: number) {}

  post(url: string, body: string, signature: string): Promise<Posted> {
    return new Promise((resolve) => {
      const secure = url.startsWith('https:');
      const bytes = Buffer.from(body, 'utf8');
      const request = (secure ? httpsRequest : httpRequest)(
        url,
        {
          method: 'POST',
          ...(secure ? {} : { agent: this.agent }),
          timeout: this.timeoutMs,
          headers: {
            'Content-Type': 'application/json; charset=utf-8',
            'Content-Length': bytes.length,
            'User-Agent': 'Stripe/1.0 (simulated; not Stripe)',
            'Stripe-Signature': signature,
          },
        },
        (response) => {
          response.resume();
          response.once('end', () => resolve({ status: response.statusCode ?? null, error: null }));
          response.once('error', (error) => resolve({ status: null, error: error.message }));
        },
      );
      request.once('timeout', () => request.destroy(new Error('timeout')));
      request.once('error', (error) => resolve({ status: null, error: error.message }));
      request.end(bytes);
    });
  }

  close(): void {
    this.agent.destroy();
  }
}
