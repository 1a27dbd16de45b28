import { pino } from 'pino';
import { TickBufferedStream } from './tick-buffered-stream';

describe('the lines of a turn', () => {
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  const given = () => {
    const pieces: string[][] = [];
    const events = (text: string): string[] =>
      text
        .trim()
        .split('\n')
        .map((line) => (JSON.parse(line) as { msg: string }).msg);
    const log = pino({}, new TickBufferedStream({ write: (text: string) => pieces.push(events(text)) }));
    return { pieces, log };
  };

  it('go out in one piece when it is over', async () => {
    const { pieces, log } = given();
    ['a', 'b', 'c'].forEach((event) => log.info(event));
    expect(pieces).toEqual([]);
    await turn();
    expect(pieces).toEqual([['a', 'b', 'c']]);
    log.info('d');
    await turn();
    expect(pieces).toEqual([['a', 'b', 'c'], ['d']]);
  });

  it('go out at once with a warning or an error', async () => {
    const { pieces, log } = given();
    log.info('a');
    log.warn('b');
    expect(pieces).toEqual([['a', 'b']]);
    log.error('c');
    expect(pieces).toEqual([['a', 'b'], ['c']]);
    await turn();
    expect(pieces).toHaveLength(2);
  });

  it('are not lost by a process that exits', () => {
    const before = process.listeners('exit').length;
    const { pieces, log } = given();
    log.info('the last');
    process.listeners('exit')[before]?.call(process, 0);
    expect(pieces).toEqual([['the last']]);
  });
});
