import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isAlive, until } from '../../scripts/lib/processes.cjs';
import { Clone, outcomeOf } from './support/clone';

const PASSES = "it('passes', () => expect(1).toBe(1));";
/** Writes the folder of its run, and never ends. */
const WAITS = `it('waits', () => {
  require('node:fs').writeFileSync('started', process.env.TEST_RUN_DIR);
  return new Promise(() => undefined);
});`;
const RUN = 'scripts/test.mjs';

describe('npm test', () => {
  let clone: Clone;

  afterEach(() => clone.remove());

  it('ends with a line of how many tests passed, failed and were skipped', async () => {
    clone = new Clone({
      'src/a.spec.ts': `${PASSES}\nit('fails', () => expect(1).toBe(2));\nit.skip('waits', () => undefined);`,
    });
    expect(await clone.run(RUN)).toMatchObject({ code: 1, lastLine: '1 passed, 1 failed, 1 skipped' });
    clone.write('src/a.spec.ts', PASSES);
    expect(await clone.run(RUN)).toMatchObject({ code: 0, lastLine: '1 passed, 0 failed' });
  });

  it('fails when no test ran', async () => {
    clone = new Clone({ 'src/a.spec.ts': PASSES });
    expect(await clone.run(RUN, ['-t', 'no such test'])).toMatchObject({
      code: 1,
      lastLine: '0 passed, 1 failed, 1 skipped',
    });
    expect(await clone.run(RUN, ['--selectProjects', 'architecture', '--passWithNoTests'])).toMatchObject({
      code: 1,
      lastLine: '0 passed, 1 failed',
    });
  });

  it('fails as a whole run when a kind with a folder has no test', async () => {
    clone = new Clone({ 'src/a.spec.ts': PASSES, 'test/e2e/payouts.spec.ts': PASSES });
    const outcome = await clone.run(RUN);
    expect(outcome).toMatchObject({ code: 1, lastLine: '1 passed, 1 failed' });
    expect(outcome.output).toContain('No test of the kind e2e ran.');
  });

  it('counts a file that does not compile as a failure', async () => {
    clone = new Clone({ 'src/a.spec.ts': PASSES, 'src/b.spec.ts': 'it(' });
    expect(await clone.run(RUN)).toMatchObject({ code: 1, lastLine: '1 passed, 1 failed' });
  });

  it('fails every file that leaves a timer, a listening socket or a process open', async () => {
    clone = new Clone({
      'src/timer.spec.ts': "it('leaks', () => { setInterval(() => undefined, 60_000); });",
      'src/socket.spec.ts':
        "it('leaks', () => { require('node:net').createServer().listen(0, '127.0.0.1'); });",
      'src/process.spec.ts':
        "it('leaks', () => { require('node:child_process').spawn('sleep', ['30'], { stdio: 'ignore' }); });",
    });
    const outcome = await clone.run(RUN);
    expect(outcome).toMatchObject({ code: 1, lastLine: '3 passed, 3 failed' });
    for (const kind of ['Timeout', 'TCPServerWrap', 'ProcessWrap'])
      expect(outcome.output).toContain(`left something open: 1 × ${kind}`);
  });

  it('stops its servers and removes its folder on Ctrl-C', async () => {
    clone = new Clone({ 'test/integration/a.int-spec.ts': WAITS });
    const child = clone.spawn(RUN);
    const outcome = outcomeOf(child);
    const folder = await runFolderOf(clone);
    const servers = serversOf(folder);
    expect(servers.every(isAlive)).toBe(true);
    expect(servers).toHaveLength(2);
    child.kill('SIGINT');
    expect((await outcome).code).toBe(130);
    expect(servers.some(isAlive)).toBe(false);
    expect(existsSync(folder)).toBe(false);
  });

  it('removes at its start what a killed run has left', async () => {
    clone = new Clone({ 'src/a.spec.ts': PASSES, 'test/integration/a.int-spec.ts': WAITS });
    const child = clone.spawn(RUN);
    const outcome = outcomeOf(child);
    const folder = await runFolderOf(clone);
    const servers = serversOf(folder);
    child.kill('SIGKILL');
    await clone.run(RUN, ['--selectProjects', 'unit']);
    expect(servers.some(isAlive)).toBe(false);
    expect(existsSync(folder)).toBe(false);
    await outcome;
  });
});

async function runFolderOf(clone: Clone): Promise<string> {
  const started = clone.path('started');
  return until(
    () => (existsSync(started) ? readFileSync(started, 'utf8') : ''),
    40_000,
    () => 'the test does not start',
  );
}

function serversOf(runFolder: string): number[] {
  return readdirSync(runFolder)
    .flatMap((name) => [join(runFolder, name, 'postmaster.pid'), join(runFolder, name, 'redis.pid')])
    .filter((file) => existsSync(file))
    .map((file) => Number.parseInt(readFileSync(file, 'utf8'), 10));
}
