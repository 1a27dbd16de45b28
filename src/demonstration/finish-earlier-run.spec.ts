import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Api } from './api';
import { finishEarlierRun } from './finish-earlier-run';
import type { Installation } from './world';

type Look = Readonly<Record<string, number>>;

describe('finishEarlierRun', () => {
  let server: Server;
  let looks: Look[];
  let topUps: number;
  const said: string[] = [];

  /** Returns one status after the other, then the last one again. */
  function responseTo(path: string): object {
    if (path === '/v1/topups') return { id: `tu_${(topUps += 1)}` };
    if (!path.endsWith('/diagnostics/payouts')) return { results: [] };
    return { counts: (looks.length > 1 ? looks.shift() : looks[0]) ?? {} };
  }

  beforeEach(async () => {
    topUps = 0;
    said.length = 0;
    server = createServer(
      (request, response) =>
        void request.resume().once('end', () => response.end(JSON.stringify(responseTo(request.url ?? '')))),
    );
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  });
  afterEach(async () => {
    server.closeAllConnections();
    await new Promise((closed) => server.close(closed));
  });

  function finish(giveUpAfterMs: number, ...shown: Look[]): Promise<string | null> {
    looks = shown;
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const on = { base_url: url, simulator_url: url, stripe_secret_key: 'sk_test_sim_x' } as Installation;
    return finishEarlierRun(new Api(url, 'key'), on, {
      lookEveryMs: 1,
      giveUpAfterMs,
      wait: () => nextTurn(),
      say: (line) => void said.push(line),
    });
  }

  it('returns at once without unfinished work', async () => {
    expect(await finish(5_000, { completed: 220 })).toBeNull();
    expect(said).toEqual([]);
  });

  it('prints the unfinished work until it is done, and tops the balance up once', async () => {
    expect(
      await finish(
        5_000,
        { pending: 20, unknown: 3 },
        { waiting_for_funds: 9 },
        { waiting_for_funds: 2 },
        { completed: 220 },
      ),
    ).toBeNull();
    expect(said).toEqual([
      'An earlier start was interrupted, and what it left comes first: pending 20, unknown 3',
      '  waiting_for_funds 9',
      '  waiting_for_funds 2',
    ]);
    expect(topUps).toBe(1);
  });

  it('gives up after a time without change and returns the unfinished work', async () => {
    expect(await finish(50, { unknown: 3 })).toMatch(/^unknown 3 did not move for 0.05 seconds/);
  });
});
