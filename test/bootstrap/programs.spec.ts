import { once } from 'node:events';
import { isAlive, until } from '../../scripts/lib/processes.cjs';
import { Clone } from './support/clone';

const PARENT = `const { spawnProgram } = require('./scripts/lib/programs.cjs');
const child = spawnProgram(['child.cjs']);
child.stdout.once('data', () => process.stdout.write(String(child.pid)));`;

describe('a program that npm start started', () => {
  let clone: Clone;

  afterEach(() => clone.remove());

  it('shuts down when npm start is killed', async () => {
    clone = new Clone({
      'parent.cjs': PARENT,
      'child.cjs':
        "process.once('SIGTERM', () => process.exit(0)); setInterval(() => undefined, 60_000);" +
        "process.stdout.write('ready');",
    });
    const parent = clone.spawn('parent.cjs');
    const [pid] = (await once(parent.stdout as NodeJS.ReadableStream, 'data')) as [Buffer];
    expect(isAlive(Number(String(pid)))).toBe(true);
    parent.kill('SIGKILL');
    await until(
      () => !isAlive(Number(String(pid))),
      10_000,
      () => 'the program outlived npm start',
    );
  });

  it('ends by itself when its work is done', async () => {
    clone = new Clone({ 'parent.cjs': PARENT, 'child.cjs': "process.stdout.write('done');" });
    expect(await clone.run('parent.cjs')).toMatchObject({ code: 0, output: expect.stringMatching(/^\d+$/) });
  });
});
