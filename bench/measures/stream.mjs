import { once } from 'node:events';
import { request } from 'node:http';
import { Readable } from 'node:stream';
import { World } from '../lib/world.mjs';

const SIZES = [10_000, 100_000, 1_000_000];
const LINES_AT_ONCE = 500;
const LIMIT_MB = 300;

/**
 * Each size in a fresh process: from the first byte of the body until the response, and the peak memory of the
 * process.
 */
export async function run(stage) {
  const world = await World.make(stage, { recipients: Math.max(...SIZES) });
  const rows = [];
  for (const size of SIZES) {
    const program = await world.program('api', {});
    const started = performance.now();
    await send(program.url, world.apiKey, size);
    const seconds = (performance.now() - started) / 1000;
    const peak = program.peakMegabytes();
    await program.stop();
    rows.push({
      measure: `stream-${size}`,
      title: `stream a settlement of ${size.toLocaleString('en-US')} awards: peak memory of the process`,
      against: `${LIMIT_MB} MB`,
      unit: 'MB',
      ours: peak,
      reference: LIMIT_MB,
      ratio: peak / LIMIT_MB,
      lowerIsBetter: true,
      bar: 1,
      goal: 1,
      notes: [`${Math.round(size / seconds).toLocaleString('en-US')} lines/s`],
    });
  }
  await world.close();
  return rows;
}

async function send(url, apiKey, size) {
  const query = new URLSearchParams({ contest_id: `stream-${size}`, currency: 'USD', pool: `${size}.00` });
  const call = request(`${url}/api/v1/settlements/stream?${query}`, {
    method: 'POST',
    headers: {
      'X-API-Key': apiKey,
      'Idempotency-Key': `stream-${size}`,
      'Content-Type': 'application/x-ndjson',
    },
  });
  Readable.from(lines(size)).pipe(call);
  const [response] = await once(call, 'response');
  let text = '';
  for await (const part of response) text += part;
  if (response.statusCode !== 202) throw new Error(`the stream returned ${response.statusCode} ${text}`);
}

function* lines(size) {
  let text = '';
  for (let n = 1; n <= size; n += 1) {
    text += `{"external_id":"user-${n}","amount":"1.00","rank":${n}}\n`;
    if (n % LINES_AT_ONCE && n < size) continue;
    yield text;
    text = '';
  }
}
