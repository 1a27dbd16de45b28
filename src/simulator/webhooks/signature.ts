import { createHmac } from 'node:crypto';

/** Stripe's v1 scheme: HMAC-SHA256 over "<time>.<body>". https://docs.stripe.com/webhooks#verify-manually */
export function signatureHeader(body: string, secret: string, timeSeconds: number): string {
  const signature = createHmac('sha256', secret).update(`${timeSeconds}.${body}`, 'utf8').digest('hex');
  return `t=${timeSeconds},v1=${signature}`;
}
