import { request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { newId } from '../../../src/kernel/ids';
import { IntakeStore } from '../../../src/modules/settlements/application/ports';
import { ReceiveStream } from '../../../src/modules/settlements/application/receive-stream';
import { ndjsonLines } from '../../../src/modules/settlements/infrastructure/http/stream/ndjson-lines';
import { until } from '../platform/until';
import { type Caller, SettlementWorld } from './support/settlement-world';

const LINES = 100_000;

describe('the flow of a stream', () => {
  let world: SettlementWorld;
  let caller: Caller;
  let port: number;

  beforeAll(async () => {
    world = await SettlementWorld.start();
    await world.app.listen(0, '127.0.0.1');
    port = (world.app.getHttpServer().address() as AddressInfo).port;
    caller = await world.payer();
    await world.recipients(caller, LINES);
  }, 60_000);
  afterAll(() => world.close());

  const path = (query: Record<string, string>) =>
    `/api/v1/settlements/stream?${new URLSearchParams({ contest_id: newId(), currency: 'USD', ...query }).toString()}`;
  const line = (n: number) => `{"external_id":"user-${n}","amount":"1.00"}\n`;
  const intakes = async () =>
    (await world.rows<{ state: string }>(caller, 'SELECT state FROM settlements.intakes')).map(
      ({ state }) => state,
    );
  const kept = () => world.count(caller, 'settlements.intake_lines');
  const headers = () => ({
    'x-api-key': caller.apiKey,
    'content-type': 'application/x-ndjson',
    'idempotency-key': newId(),
  });
  const open = (query: Record<string, string>) =>
    request({ port, method: 'POST', path: path(query), headers: headers() });

  it('is read no further ahead than it is stored: 100,000 lines take the memory of one batch', async () => {
    const [receiving, store] = [world.get(ReceiveStream), world.get(IntakeStore)];
    let [read, stored, ahead] = [0, 0, 0];
    async function* body(): AsyncGenerator<Buffer> {
      while (read < LINES) {
        const piece = Array.from({ length: 500 }, () => line(++read)).join('');
        ahead = Math.max(ahead, read - stored);
        yield Buffer.from(piece);
      }
    }
    const real = store.add.bind(store);
    jest.spyOn(store, 'add').mockImplementation(async (tx, id, lines) => {
      const isOpen = await real(tx, id, lines);
      stored += lines.length;
      return isOpen;
    });
    const intake = await receiving.open(caller.tenant, {
      contestId: newId(),
      currency: 'USD',
      pool: `${LINES}.00`,
      platformShare: '0',
      allowRemainder: false,
      rail: 'stripe',
    });
    expect(await receiving.take(caller.tenant, intake, ndjsonLines(body()))).toBeNull();
    expect([stored, ahead]).toEqual([LINES, 5_000]);
    await receiving.abandon(caller.tenant, intake.id);
    await world.woken();
    expect([await intakes(), await kept()]).toEqual([[], 0]);
  }, 120_000);

  it('that breaks off leaves nothing, and the contest and the key are free', async () => {
    const sending = open({ contest_id: 'broken', pool: '7000.00' }).on('error', () => undefined);
    for (let n = 1; n <= 6_000; n++) sending.write(line(n));
    await until(async () => (await kept()) === 5_000);
    sending.destroy();
    await until(async () => (await intakes()).includes('discarded'));
    await world.woken();
    expect([await intakes(), await kept()]).toEqual([[], 0]);
    expect((await world.send(caller, 'GET', 'settlements?contest_id=broken')).body.results).toEqual([]);
  });

  it('whose process died is purged by the schedule, and its lines are gone', async () => {
    const sending = open({ pool: '7000.00' }).on('error', () => undefined);
    for (let n = 1; n <= 6_000; n++) sending.write(line(n));
    await until(async () => (await kept()) === 5_000);
    expect(await world.run('advance-settlements', caller.tenant)).toMatchObject({ found: 0 });
    await world.rows(caller, `UPDATE settlements.intakes SET touched_at = now() - interval '16 minutes'`);
    expect(await world.run('advance-settlements', caller.tenant)).toMatchObject({ found: 1, done: 1 });
    expect([await intakes(), await kept()]).toEqual([[], 0]);
    const answered = new Promise<number>((resolve) =>
      sending.on(
        'response',
        (response) => void response.resume().on('end', () => resolve(response.statusCode ?? 0)),
      ),
    );
    sending.end();
    await expect(answered).resolves.toBe(409);
  });

  it('that is refused early still gets its answer, over a real socket', async () => {
    const answered = new Promise<number>((resolve, reject) => {
      const sending = request({
        port,
        method: 'POST',
        path: path({ pool: '1.00' }),
        headers: { ...headers(), 'content-type': 'text/csv' },
      }).on('error', reject);
      sending.on(
        'response',
        (response) => void response.resume().on('end', () => resolve(response.statusCode ?? 0)),
      );
      sending.write(`payee,prize\n${'user-1,1.00\n'.repeat(1_000)}`);
    });
    await expect(answered).resolves.toBe(422);
    await world.woken();
    expect(await intakes()).toEqual([]);
  });
});
