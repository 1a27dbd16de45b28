import { randomBytes } from 'node:crypto';
import type { InjectOptions } from 'light-my-request';
import { Client } from 'pg';
import { type TenantId } from '../../../../src/kernel/ids';
import { Users } from '../../../../src/modules/identity';
import type { Role } from '../../../../src/modules/identity/access/domain/roles';
import { Tenancy, type Tenant } from '../../../../src/modules/tenancy';
import { systemActor } from '../../../../src/kernel/actor';
import { testApp, type TestApp } from '../../http/support/test-app';

export const PASSWORD = 'seven green elephants sing';
const COOKIE = '__Host-disburse_session';

export interface TestUser {
  readonly id: string;
  readonly email: string;
}

export interface ApiResponse {
  readonly status: number;
  readonly body: Record<string, unknown>;
  readonly headers: Record<string, unknown>;
  readonly text: string;
}

/** A browser: stores the cookie and the CSRF token that it receives. */
export class Browser {
  cookie: string | null = null;
  csrf: string | null = null;

  constructor(private readonly world: IdentityWorld) {}

  async login(user: TestUser, options: { password?: string; remember?: boolean } = {}): Promise<ApiResponse> {
    const { password = PASSWORD, remember } = options;
    const response = await this.ask('POST', '/auth/login', {
      email: user.email,
      password,
      ...(remember === undefined ? {} : { remember }),
    });
    if (response.status === 200) this.csrf = response.body['csrf_token'] as string;
    return response;
  }

  async ask(
    method: InjectOptions['method'],
    path: string,
    payload?: object,
    headers: Record<string, string> = {},
  ): Promise<ApiResponse> {
    const own = {
      ...(this.cookie ? { cookie: this.cookie } : {}),
      ...(this.csrf ? { 'x-csrf-token': this.csrf } : {}),
    };
    const response = await this.world.ask(method, path, payload, { ...own, ...headers });
    const set = response.headers['set-cookie'];
    if (typeof set === 'string')
      this.cookie = set.startsWith(`${COOKIE}=;`) ? null : (set.split(';')[0] as string);
    return response;
  }
}

export interface Pair {
  readonly access_token: string;
  readonly refresh_token: string;
}

export class IdentityWorld {
  private constructor(readonly t: TestApp) {}

  static async start(): Promise<IdentityWorld> {
    return new IdentityWorld(await testApp());
  }

  close(): Promise<void> {
    return this.t.close();
  }

  get<T>(token: abstract new (...parts: never[]) => T): T {
    return this.t.app.get<T, T>(token as never, { strict: false });
  }

  async ask(
    method: InjectOptions['method'],
    path: string,
    payload?: object,
    headers: Record<string, string> = {},
    remoteAddress = '192.0.2.1',
  ): Promise<ApiResponse> {
    const response = await this.t.app.inject({
      method,
      url: path.startsWith('/api') ? path : `/api/v1${path}`,
      headers,
      remoteAddress,
      ...(payload === undefined ? {} : { payload }),
    } as InjectOptions);
    return {
      status: response.statusCode,
      text: response.body,
      body: response.body ? response.json<Record<string, unknown>>() : {},
      headers: response.headers,
    };
  }

  tenant(name = 'Acme'): Promise<Tenant> {
    return this.get(Tenancy).create(name);
  }

  /** With a password, and a membership in each of the tenants. */
  async user(
    memberships: readonly (readonly [Tenant | TenantId, Role])[] = [],
    options: { isPlatformAdmin?: boolean; email?: string } = {},
  ): Promise<TestUser> {
    const email = options.email ?? `${randomBytes(6).toString('hex')}@example.com`;
    const { userId, token } = await this.get(Users).create({
      email,
      name: 'Ann Lee',
      isPlatformAdmin: options.isPlatformAdmin ?? false,
    });
    await this.accepted(token);
    for (const [tenant, role] of memberships)
      await this.accepted((await this.invited(tenant, email, role)).token);
    return { id: userId, email };
  }

  /** A user who has not chosen a password yet. */
  unaccepted({ isPlatformAdmin = false } = {}) {
    return this.get(Users).create({
      email: `${randomBytes(6).toString('hex')}@example.com`,
      name: 'Ann Lee',
      isPlatformAdmin,
    });
  }

  invited(tenant: Tenant | TenantId, email: string, role: string) {
    const tenantId = typeof tenant === 'string' ? tenant : tenant.id;
    return this.get(Users).invite(
      { tenantId, scopes: ['*'], actor: systemActor('test') },
      { email, name: 'Ann Lee', role },
    );
  }

  async accepted(token: string, password = PASSWORD): Promise<void> {
    const response = await this.ask('POST', '/auth/accept-invitation', { token, password });
    if (response.status !== 204) throw new Error(`${response.status} ${response.text}`);
  }

  browser(): Browser {
    return new Browser(this);
  }

  async signedIn(user: TestUser): Promise<Browser> {
    const browser = this.browser();
    const { status, text } = await browser.login(user);
    if (status !== 200) throw new Error(text);
    return browser;
  }

  async tokens(user: TestUser, more: object = {}): Promise<Pair> {
    const response = await this.ask('POST', '/auth/token', {
      email: user.email,
      password: PASSWORD,
      ...more,
    });
    if (response.status !== 200) throw new Error(response.text);
    return response.body as unknown as Pair;
  }

  withToken(
    token: string,
    path = '/auth/profile',
    headers: Record<string, string> = {},
  ): Promise<ApiResponse> {
    return this.ask('GET', path, undefined, { authorization: `Bearer ${token}`, ...headers });
  }

  /** As the superuser of the test server, without row-level security. */
  async sql<Row extends object>(text: string, values: unknown[] = []): Promise<Row[]> {
    const admin = new Client({ connectionString: this.t.db.urls.admin });
    await admin.connect();
    try {
      return (await admin.query<Row>(text, values)).rows;
    } finally {
      await admin.end();
    }
  }
}
