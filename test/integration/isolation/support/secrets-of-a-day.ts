import { randomBytes } from 'node:crypto';

export const PASSWORD = 'seven green elephants sing';
const CHOSEN = 'nine blue badgers whistle';
const ACCOUNT_NUMBER = '000123456789';
const EMAIL = 'ann@example.com';

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, string>;
}

/**
 * A day in the life of a tenant and a person, through the API: every secret that there is is made or sent,
 * and some are refused.
 */
export class SecretsOfADay {
  readonly secrets: Record<string, string>;
  readonly refusals: string[] = [];

  constructor(
    private readonly url: string,
    private readonly tenant: { readonly apiKey: string; readonly stripeKey: string },
  ) {
    const webhook = `whsec_${randomBytes(16).toString('hex')}`;
    this.secrets = {
      password: PASSWORD,
      chosen: CHOSEN,
      account_number: ACCOUNT_NUMBER,
      webhook,
      api_key: tenant.apiKey,
      stripe: tenant.stripeKey,
    };
  }

  async ofTenant(): Promise<void> {
    this.secrets['second_key'] = (await this.byKey('/api-keys', { name: 'second', scopes: ['*'] })).body[
      'secret'
    ] as string;
    const ann = {
      type: 'INDIVIDUAL',
      name: 'Ann',
      country: 'US',
      account_number: ACCOUNT_NUMBER,
      bank_code: '110000000',
    };
    const { body } = await this.byKey('/recipients', ann);
    await this.byKey('/recipients', { ...ann, type: 'NOBODY' });
    await this.byKey('/payouts', { recipient_id: body['id'], amount: '1.00', currency: 'USD' });
    await this.byKey('/connections/webhook-endpoints', {
      family: 'account',
      secret: this.secrets['webhook'],
    });
  }

  /** From the invitation that the installation gave them. */
  async ofPerson(invitation: { readonly token: string; readonly userId: string }): Promise<void> {
    this.secrets['invitation'] = invitation.token;
    await this.post('/auth/accept-invitation', { token: invitation.token, password: PASSWORD });
    const { body: invited } = await this.byKey('/users', { email: EMAIL, name: 'Ann', role: 'analyst' });
    this.secrets['second_invitation'] = invited['token'] as string;
    await this.post('/auth/accept-invitation', { token: invited['token'], password: PASSWORD });
    this.secrets['session'] =
      /=([^;]+)/.exec(
        (await this.post('/auth/login', { email: EMAIL, password: PASSWORD })).headers.get('set-cookie') ??
          '',
      )?.[1] ?? '';
    const { body: pair } = await this.post('/auth/token', { email: EMAIL, password: PASSWORD });
    const { body: next } = await this.post('/auth/refresh', { refresh_token: pair['refresh_token'] });
    Object.assign(this.secrets, {
      access: pair['access_token'],
      refresh: pair['refresh_token'],
      next_access: next['access_token'],
      next_refresh: next['refresh_token'],
    });
    const reset = (await this.byKey(`/users/${invitation.userId}/reset-password`, {})).body[
      'token'
    ] as string;
    this.secrets['reset'] = reset;
    await this.post('/auth/reset-password', { token: reset, password: 'password' });
    await this.post('/auth/login', { email: EMAIL, password: CHOSEN });
    await this.post('/auth/refresh', { refresh_token: pair['refresh_token'] });
    await this.post('/auth/reset-password', { token: reset, password: CHOSEN });
  }

  /** Names of those that never came to be: nothing would be proved of them. */
  missing(): string[] {
    return Object.entries(this.secrets)
      .filter(([, secret]) => (secret ?? '').length < 10)
      .map(([name]) => name);
  }

  /** Names of those that stand in a text. */
  in(text: string): string[] {
    return Object.entries(this.secrets)
      .filter(([, secret]) => text.includes(secret))
      .map(([name]) => name);
  }

  async post(path: string, body: object | string, headers: Record<string, string> = {}): Promise<Answer> {
    const answer = await fetch(`${this.url}/api/v1${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
    const text = await answer.text();
    if (!answer.ok) this.refusals.push(text);
    return {
      status: answer.status,
      headers: answer.headers,
      body: (text ? JSON.parse(text) : {}) as Record<string, string>,
    };
  }

  byKey(path: string, body: object | string): Promise<Answer> {
    return this.post(path, body, {
      'x-api-key': this.tenant.apiKey,
      'idempotency-key': randomBytes(8).toString('hex'),
    });
  }
}
