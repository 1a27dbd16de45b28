import { Global, Module } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { isUuid, newId, tenantIdOf } from '../../../src/kernel/ids';
import { UnitOfWork } from '../../../src/kernel/tx';
import { accounts, LedgerModule, transferOf } from '../../../src/modules/ledger';
import { Authenticator, type Credentials } from '../../../src/platform/access';
import { configureHttp, fastifyAdapter } from '../../../src/platform/http';
import { ApiModule } from '../../../src/platform/api';
import type { Principal } from '../../../src/kernel/principal';
import { Log } from '../../../src/platform/logging';
import { Schedule } from '../../../src/platform/schedule';
import { Books, entry, funding, ledgerWorld, payable, reserve, type LedgerWorld } from './fixture';

interface Shown {
  readonly results: {
    id: string;
    kind: string;
    reference: string;
    balance: string;
    posting_count: number;
    postings: { amount: string }[];
  }[];
  readonly next: string | null;
  readonly previous: string | null;
}

/** The key is the tenant's id; `<id>:blind` may read nothing of the ledger. */
class TenantIsKey extends Authenticator {
  async forget(): Promise<void> {}

  known(): null {
    return null;
  }

  used(): void {}

  async authenticate({ apiKey = '' }: Credentials): Promise<Principal | null> {
    const [id = '', blind] = apiKey.split(':');
    return isUuid(id)
      ? {
          tenantId: tenantIdOf(id),
          kind: 'api_key',
          id,
          name: 'test',
          scopes: blind ? ['transfers:*'] : ['ledger:read'],
          actorChain: [id],
          since: null,
          accessEpoch: '0',
        }
      : null;
  }

  async authenticateUser(): Promise<null> {
    return null;
  }
}

async function startLedgerApp(world: LedgerWorld): Promise<NestFastifyApplication> {
  const ground = [
    { provide: UnitOfWork, useValue: world.database.uow },
    { provide: Authenticator, useClass: TenantIsKey },
    { provide: Schedule, useValue: { register: () => undefined } },
    { provide: Log, useValue: world.log },
  ];
  @Global()
  @Module({ providers: ground, exports: ground })
  class Ground {}
  const http = ApiModule.register({
    useFactory: () => ({ cursorSecret: 'a secret of cursors with 32 bytes or more' }),
  });
  const module = await Test.createTestingModule({ imports: [Ground, http, LedgerModule] }).compile();
  const app = module.createNestApplication<NestFastifyApplication>(fastifyAdapter(world.log), {
    logger: false,
  });
  configureHttp(app, { docs: false });
  await app.init();
  await app.getHttpAdapter().getInstance().ready();
  return app;
}

describe('The ledger API', () => {
  let world: LedgerWorld;
  let app: NestFastifyApplication;
  let books: Books;
  const ann = newId();
  const bob = newId();

  beforeAll(async () => {
    world = await ledgerWorld();
    app = await startLedgerApp(world);
  });
  afterAll(async () => {
    await app.close();
    await world.database.close();
  });
  beforeEach(() => (books = new Books(world)));

  const get = (path: string, key: string = books.tenant) =>
    app.inject({
      url: path.startsWith('/api') ? path : `/api/v1/ledger/${path}`,
      headers: { 'x-api-key': key },
    });
  const shown = async (path: string) => {
    const answer = await get(path);
    expect([answer.statusCode, answer.body]).toEqual([200, expect.anything()]);
    return answer.json<Shown>();
  };
  const walk = async (path: string) => {
    const pages: Shown[] = [];
    for (let next: string | null = path; next; next = pages.at(-1)?.next ?? null)
      pages.push(await shown(next));
    return pages;
  };

  it('lists accounts with stored and derived balances, by kind, owner and currency', async () => {
    await books.post(
      books.award(ann, 45_000n),
      reserve(ann, 100n),
      entry('yen', transferOf(books.external(), funding, 5n)),
    );
    await books.post(
      entry('jpy', transferOf(accounts.external(books.railId, 'JPY'), accounts.funding('JPY'), 500n)),
    );
    const balances = async (query: string) =>
      (await shown(`accounts?${query}`)).results.map(({ kind, balance }) => `${kind} ${balance}`).sort();
    expect(await balances('currency=usd')).toEqual([
      'external -0.05',
      'funding -449.95',
      'payable 449.00',
      'pot 0.00',
      'reserved 1.00',
    ]);
    expect(await balances('currency=JPY')).toEqual(['external -500', 'funding 500']);
    expect(await balances(`owner=${ann}`)).toEqual(['payable 449.00', 'reserved 1.00']);
    expect(await balances(`kind=PAYABLE&owner=${ann}`)).toEqual(['payable 449.00']);
    expect(await balances(`owner=${newId()}`)).toEqual([]);
  });

  it('pages in both directions through accounts with the same creation time', async () => {
    const people = Array.from({ length: 25 }, newId);
    const pot = accounts.pot(newId(), 'USD');
    await books.post(
      entry('many', [
        ...transferOf(funding, pot, 50n),
        ...people.flatMap((person) => transferOf(pot, payable(person), 2n)),
      ]),
    );
    const pages = await walk('accounts?limit=10');
    expect(pages.map(({ results }) => results.length)).toEqual([10, 10, 7]);
    expect(new Set(pages.flatMap(({ results }) => results.map(({ id }) => id))).size).toBe(27);
    expect((await shown(pages[2]?.previous ?? '')).results).toEqual(pages[1]?.results);
  });

  it('lists entries with their postings, newest first, by reference and kind', async () => {
    await books.post({ ...books.award(ann, 100n), kind: 'settlement_recorded' });
    await books.post(reserve(ann, 60n, 'job:1:reserved:0'));
    const { results } = await shown('entries');
    expect(results.map(({ kind, posting_count }) => [kind, posting_count])).toEqual([
      ['tested', 1],
      ['settlement_recorded', 2],
    ]);
    expect(results[0]).toMatchObject({
      reference: 'job:1:reserved:0',
      actor: 'a test',
      postings: [
        {
          from: { kind: 'payable', owner: ann, purpose: 'award' },
          to: { kind: 'reserved', owner: ann, purpose: 'award' },
          amount: '0.60',
          currency: 'USD',
        },
      ],
    });
    expect((await shown('entries?kind=settlement_recorded')).results).toEqual([results[1]]);
    expect((await shown('entries?reference=job:1:reserved:0')).results).toEqual([results[0]]);
    expect((await shown('entries?reference=job:1')).results).toEqual([]);
  });

  it('lists the entries of one account, with its postings only', async () => {
    for (let index = 0; index < 4; index++)
      await books.post(books.award(ann, 10n), books.award(bob, 1n), reserve(ann, 5n));
    const [account] = (await shown(`accounts?kind=payable&owner=${ann}`)).results;
    const pages = await walk(`entries?limit=3&account=${account?.id}`);
    const entries = pages.flatMap(({ results }) => results);
    expect(pages.map(({ results }) => results.length)).toEqual([3, 3, 2]);
    expect(entries.map(({ id }) => id)).toEqual([...new Set(entries.map(({ id }) => id))].sort().reverse());
    expect(entries.map(({ postings }) => postings.map(({ amount }) => amount).join()).sort()).toEqual([
      '0.05',
      '0.05',
      '0.05',
      '0.05',
      '0.10',
      '0.10',
      '0.10',
      '0.10',
    ]);
    expect((await shown(pages[1]?.previous ?? '')).results).toEqual(pages[0]?.results);
    expect((await shown(`entries?account=${newId()}`)).results).toEqual([]);
    expect((await shown(`entries?account=${account?.id}&kind=other`)).results).toEqual([]);
  });

  it('returns a hundred postings of a large entry and the number of all', async () => {
    const people = Array.from({ length: 130 }, newId);
    await books.post(
      entry(
        'many',
        people.flatMap((person) => transferOf(accounts.funding('USD'), accounts.returned(person, 'USD'), 2n)),
      ),
    );
    const [many] = (await shown('entries')).results;
    expect([many?.posting_count, many?.postings.length]).toEqual([130, 100]);
  });

  it('verifies, and returns the differences', async () => {
    await books.post(books.award(ann, 100n));
    expect((await get('verify')).json()).toMatchObject({ balanced: true });
    await books.tamper(
      `UPDATE ledger.accounts SET minor = 7 WHERE kind = 'payable' AND tenant_id = '${books.tenant}'`,
    );
    const checks = (await get('verify')).json<{
      balanced: boolean;
      checks: { check: string; differences: unknown[] }[];
    }>();
    expect(checks.balanced).toBe(false);
    expect(checks.checks.find(({ check }) => check === 'stored_balance')?.differences).toEqual([
      { subject: `payable:${ann}:award:USD`, expected: '100', actual: '7' },
    ]);
  });

  it('returns nothing of another tenant', async () => {
    await books.post(books.award(ann, 100n));
    const other = newId();
    for (const path of ['accounts', 'entries'])
      expect((await get(path, other)).json()).toEqual({ results: [], next: null, previous: null });
    const [account] = (await shown('accounts?kind=payable')).results;
    expect((await get(`entries?account=${account?.id}`, other)).json<Shown>().results).toEqual([]);
  });

  it.each(['accounts', 'entries', 'verify'])(
    'asks for credentials and the scope ledger:read at %s',
    async (path) => {
      expect((await get(path, '')).statusCode).toBe(401);
      const blind = await get(path, `${books.tenant}:blind`);
      expect([blind.statusCode, blind.json<{ code: string }>().code]).toEqual([403, 'insufficient_scope']);
    },
  );

  it.each([
    'accounts?kind=cash',
    'accounts?owner=ann',
    'accounts?currency=dollars',
    'accounts?limit=0',
    'accounts?colour=red',
    'entries?account=1',
    'entries?kind=%00',
    'entries?kind=DROP%20TABLE',
    'entries?reference=',
    'entries?reference=a%00b',
    'entries?limit=101',
    'verify?deep=true',
  ])('rejects %s with 422', async (path) => {
    expect((await get(path)).statusCode).toBe(422);
  });

  it('rejects a cursor of another list or other filters with 400', async () => {
    await books.post(books.award(ann, 100n), books.award(bob, 1n));
    const next = (await shown('entries?limit=1')).next ?? '';
    expect((await get(`${next}&kind=tested`)).json()).toMatchObject({ status: 400, code: 'invalid_cursor' });
    expect((await get(next.replace('entries', 'accounts'))).json()).toMatchObject({
      status: 400,
      code: 'invalid_cursor',
    });
    expect((await get(next, newId())).json()).toMatchObject({ status: 400, code: 'invalid_cursor' });
  });
});
