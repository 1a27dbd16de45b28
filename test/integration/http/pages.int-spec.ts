import { testApp, type Caller, type TestApp } from './support/test-app';

interface Listed {
  results: string[];
  next: string | null;
  previous: string | null;
}

let t: TestApp;
let caller: Caller;

beforeAll(async () => {
  t = await testApp();
  caller = await t.caller();
});
afterAll(async () => t.close());

async function list(url: string, as = caller): Promise<Listed> {
  const answer = await t.send(as, { url });
  expect(answer.statusCode).toBe(200);
  return answer.json<Listed>();
}

async function refusedCode(url: string, as = caller): Promise<unknown> {
  const answer = await t.send(as, { url });
  return [answer.statusCode, answer.json<{ code: string }>().code];
}

describe('a list of seven', () => {
  it('is read forwards to its end and back to its start by following the links', async () => {
    const first = await list('/api/v1/probe?limit=3&status=new');
    const second = await list(first.next as string);
    const third = await list(second.next as string);
    expect([first.results, second.results, third.results]).toEqual([['7', '6', '5'], ['4', '3', '2'], ['1']]);
    expect([first.previous, third.next]).toEqual([null, null]);
    const back = await list(third.previous as string);
    const start = await list(back.previous as string);
    expect([back.results, start.results, start.previous]).toEqual([['4', '3', '2'], ['7', '6', '5'], null]);
    expect((await list(start.next as string)).results).toEqual(second.results);
  });

  it('keeps its filters in the links, as absolute paths', async () => {
    const { next } = await list(
      '/api/v1/probe?limit=2&status=new&created_at[gte]=2024-02-29T00:00:00%2B02:00',
    );
    const url = new URL(next as string, 'http://x');
    expect(url.pathname).toBe('/api/v1/probe');
    expect(Object.fromEntries(url.searchParams)).toMatchObject({
      limit: '2',
      status: 'new',
      'created_at[gte]': '2024-02-29T00:00:00+02:00',
    });
  });

  it('has no further page when the last one is exactly full', async () => {
    expect(await list('/api/v1/probe?limit=7')).toMatchObject({ next: null, previous: null });
  });
});

describe('a cursor', () => {
  it('is broken for another tenant, for other filters and after one changed letter, but not for another limit', async () => {
    const { next } = await list('/api/v1/probe?limit=2');
    const url = next as string;
    expect(await refusedCode(url, await t.caller())).toEqual([400, 'invalid_cursor']);
    expect(await refusedCode(`${url}&status=NEW`)).toEqual([400, 'invalid_cursor']);
    expect(await refusedCode(url.replace(/.$/, (letter) => (letter === 'A' ? 'B' : 'A')))).toEqual([
      400,
      'invalid_cursor',
    ]);
    expect((await list(url.replace('limit=2', 'limit=3'))).results).toEqual(['5', '4', '3']);
  });
});
