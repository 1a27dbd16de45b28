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

export interface Person {
  readonly id: string;
  readonly email: string;
}

export interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
  readonly headers: Record<string, unknown>;
  readonly text: string;
}

/** A browser: keeps the cookie it was given and the CSRF token it was told. */
export class Browser {
  cookie: string | null = null;
  csrf: string | null = null;

  constructor(private readonly world: PeopleWorld) {}

  async login(person: Person, options: { password?: string; remember?: boolean } = {}): Promise<Answer> {
    const { password = PASSWORD, remember } = options;
    const answer = await this.ask('POST', '/auth/login', {
      email: person.email,
      password,
      ...(remember === undefined ? {} : { remember }),
    });
    if (answer.status === 200) this.csrf = answer.body['csrf_token'] as string;
    return answer;
  }

  async ask(
    method: InjectOptions['method'],
    path: string,
    payload?: object,
    headers: Record<string, string> = {},
  ): Promise<Answer> {
    const own = {
      ...(this.cookie ? { cookie: this.cookie } : {}),
      ...(this.csrf ? { 'x-csrf-token': this.csrf } : {}),
    };
    const answer = await this.world.ask(method, path, payload, { ...own, ...headers });
    const set = answer.headers['set-cookie'];
    if (typeof set === 'string')
      this.cookie = set.startsWith(`${COOKIE}=;`) ? null : (set.split(';')[0] as string);
    return answer;
  }
}

export interface Pair {
  readonly access_token: string;
  readonly refresh_token: string;
}

export class PeopleWorld {
  private constructor(readonly t: TestApp) {}

  static async start(): Promise<PeopleWorld> {
    return new PeopleWorld(await testApp());
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
  ): Promise<Answer> {
    const answer = await this.t.app.inject({
      method,
      url: path.startsWith('/api') ? path : `/api/v1${path}`,
      headers,
      remoteAddress,
      ...(payload === undefined ? {} : { payload }),
    } as InjectOptions);
    return {
      status: answer.statusCode,
      text: answer.body,
      body: answer.body ? answer.json<Record<string, unknown>>() : {},
      headers: answer.headers,
    };
  }

  tenant(name = 'Acme'): Promise<Tenant> {
    return this.get(Tenancy).create(name);
  }

  /** With a password, and a membership in each of the tenants. */
  async person(
    memberships: readonly (readonly [Tenant | TenantId, Role])[] = [],
    options: { isPlatformAdmin?: boolean; email?: string } = {},
  ): Promise<Person> {
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

  /** Somebody who has not chosen a password yet. */
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
    const answer = await this.ask('POST', '/auth/accept-invitation', { token, password });
    if (answer.status !== 204) throw new Error(`${answer.status} ${answer.text}`);
  }

  browser(): Browser {
    return new Browser(this);
  }

  async inside(person: Person): Promise<Browser> {
    const browser = this.browser();
    const { status, text } = await browser.login(person);
    if (status !== 200) throw new Error(text);
    return browser;
  }

  async tokens(person: Person, more: object = {}): Promise<Pair> {
    const answer = await this.ask('POST', '/auth/token', {
      email: person.email,
      password: PASSWORD,
      ...more,
    });
    if (answer.status !== 200) throw new Error(answer.text);
    return answer.body as unknown as Pair;
  }

  withToken(token: string, path = '/auth/profile', headers: Record<string, string> = {}): Promise<Answer> {
    return this.ask('GET', path, undefined, { authorization: `Bearer ${token}`, ...headers });
  }

  /** Past all walls, as the superuser of the test's server. */
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
