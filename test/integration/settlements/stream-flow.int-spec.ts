import { request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { newId } from '../../../src/kernel/ids';
import { UploadStore } from '../../../src/modules/settlements/application/ports';
import { ReceiveLines } from '../../../src/modules/settlements/application/receive-lines';
import { SettlementUploads } from '../../../src/modules/settlements/application/settlement-uploads';
import { ndjsonLines } from '../../../src/modules/settlements/infrastructure/http/stream/ndjson-lines';
import { until } from '../platform/until';
import { type Caller, SettlementWorld } from './support/settlement-world';

const LINES = 100_000;

describe('The flow of a stream', () => {
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
  const uploads = async () =>
    (await world.rows<{ state: string }>(caller, 'SELECT state FROM settlements.uploads')).map(
      ({ state }) => state,
    );
  const storedLines = () => world.count(caller, 'settlements.upload_lines');
  const headers = () => ({
    'x-api-key': caller.apiKey,
    'content-type': 'application/x-ndjson',
    'idempotency-key': newId(),
  });
  const open = (query: Record<string, string>) =>
    request({ port, method: 'POST', path: path(query), headers: headers() });

  it('reads at most one batch ahead of the database, for 100,000 lines', async () => {
    const [settlementUploads, store] = [world.get(SettlementUploads), world.get(UploadStore)];
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
    const upload = await settlementUploads.open(caller.tenant, {
      contestId: newId(),
      currency: 'USD',
      pool: `${LINES}.00`,
      platformShare: '0',
      allowRemainder: false,
      rail: 'stripe',
    });
    expect(await world.get(ReceiveLines).execute(caller.tenant, upload, ndjsonLines(body()))).toBeNull();
    expect([stored, ahead]).toEqual([LINES, 5_000]);
    await settlementUploads.abandon(caller.tenant, upload.id);
    await world.woken();
    expect([await uploads(), await storedLines()]).toEqual([[], 0]);
  }, 120_000);

  it('discards an incomplete stream and frees its contest and key', async () => {
    const sending = open({ contest_id: 'broken', pool: '7000.00' }).on('error', () => undefined);
    for (let n = 1; n <= 6_000; n++) sending.write(line(n));
    await until(async () => (await storedLines()) === 5_000);
    sending.destroy();
    await until(async () => (await uploads()).includes('discarded'));
    await world.woken();
    expect([await uploads(), await storedLines()]).toEqual([[], 0]);
    expect((await world.send(caller, 'GET', 'settlements?contest_id=broken')).body.results).toEqual([]);
  });

  it('purges the stream of a process that died', async () => {
    const sending = open({ pool: '7000.00' }).on('error', () => undefined);
    for (let n = 1; n <= 6_000; n++) sending.write(line(n));
    await until(async () => (await storedLines()) === 5_000);
    expect(await world.run('advance-settlements', caller.tenant)).toMatchObject({ found: 0 });
    await world.rows(caller, `UPDATE settlements.uploads SET touched_at = now() - interval '16 minutes'`);
    expect(await world.run('advance-settlements', caller.tenant)).toMatchObject({ found: 1, done: 1 });
    expect([await uploads(), await storedLines()]).toEqual([[], 0]);
    const responded = new Promise<number>((resolve) =>
      sending.on(
        'response',
        (response) => void response.resume().on('end', () => resolve(response.statusCode ?? 0)),
      ),
    );
    sending.end();
    await expect(responded).resolves.toBe(409);
  });

  it('returns an early error response over a real socket', async () => {
    const responded = new Promise<number>((resolve, reject) => {
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
    await expect(responded).resolves.toBe(422);
    await world.woken();
    expect(await uploads()).toEqual([]);
  });
});
