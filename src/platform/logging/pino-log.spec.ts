import { createLogger, FrameworkLog, PinoLog } from '.';

describe('the log', () => {
  const lines: string[] = [];
  const log = new PinoLog(createLogger('info', { write: (line: string) => void lines.push(line) }));
  const last = () => JSON.parse(lines.at(-1) ?? 'null') as Record<string, unknown>;
  beforeEach(() => void (lines.length = 0));

  it('writes one JSON line per fact, with the dotted name and the fields', () => {
    log.info('transfer.completed', {
      transferId: '0198',
      amountMinor: 12_345n,
      durationMs: 12,
      at: new Date(0),
    });
    expect(last()).toMatchObject({
      level: 'info',
      event: 'transfer.completed',
      transferId: '0198',
      amountMinor: '12345',
      durationMs: 12,
      at: '1970-01-01T00:00:00.000Z',
    });
    expect(last()['time']).toMatch(/^\d{4}-\d\d-\d\dT.*Z$/);
  });

  it('writes text only into fields it knows', () => {
    log.info('recipient.created', {
      recipient_id: 'r1',
      fullName: 'Ann Example',
      note: 'anything',
      nested: { reason: 'why', comment: 'no' },
    });
    expect(last()).toMatchObject({
      recipient_id: 'r1',
      fullName: '[not logged]',
      note: '[not logged]',
      nested: { reason: 'why', comment: '[not logged]' },
    });
  });

  it.each([
    'authorization',
    'cookie',
    'setCookie',
    'apiKey',
    'api_key',
    'accessToken',
    'password',
    'client_secret',
    'requestBody',
    'account_number',
    'routingNumber',
    'iban',
    'headers',
    'payload',
  ])('never writes a field named %s, whatever is in it', (name) => {
    for (const value of ['text', 12_345_678, { id: 'x' }, ['x']]) {
      log.info('request.answered', { [name]: value, deeper: { [name]: value } });
      expect(last()).toMatchObject({ [name]: '[not logged]', deeper: { [name]: '[not logged]' } });
    }
  });

  it.each([
    'sk_live_51H8aBcDeF',
    'rk_test_51H8aBcDeF',
    'whsec_Abc123',
    'dk_3f9a_b-c',
    'Bearer abc.def',
    'postgres://app:hunter2@db/x',
    'ann@example.org',
    'DE89 3704 0044 0532 0130 00',
    '4242 4242 4242 4242',
    '000123456789',
    'eyJhbGciOi.eyJzdWIi.c2ln',
  ])('takes %s out of a text it may write', (secret) => {
    log.warn('provider.refused', {
      reason: `call with ${secret} was refused`,
      error: new Error(`bad: ${secret}`),
    });
    expect(lines.join()).not.toContain(secret);
    expect(lines.join()).not.toContain('hunter2');
  });

  it('leaves ids as they are', () => {
    const ids = ['01980000-1234-7123-8123-123456789012', 'acct_1032D82eZvKYlo2C', 'tr_1Nxyz'];
    log.info('ids.known', { ids });
    expect(last()['ids']).toEqual(ids);
  });

  it('stays one line, whatever is in a text', () => {
    log.info('user.spoke', { reason: 'a\nb\r\n{"level":"error"}\u001b[31m' });
    expect(lines).toHaveLength(1);
    expect(lines[0]?.trimEnd()).not.toMatch(/[\n\r\u001b]/);
  });

  it('writes of an error what it says of itself, not what hangs on it', () => {
    const error = Object.assign(new Error('refused'), {
      code: '23505',
      detail: 'Key (email)=(ann@example.org)',
      raw: { headers: { authorization: 'x' } },
    });
    log.error('job.failed', { error });
    expect(last()['error']).toMatchObject({ type: 'Error', code: '23505', message: 'refused' });
    expect(last()['error']).not.toHaveProperty('detail');
    expect(last()['error']).not.toHaveProperty('raw');
  });

  it('cuts texts, lists and depth, so that no line is endless', () => {
    const deep: Record<string, unknown> = {};
    deep['next'] = deep;
    log.info('odd.input', {
      reason: 'x'.repeat(1_000_000),
      ids: Array.from({ length: 10_000 }, () => 'id'),
      deep,
    });
    expect(lines[0]?.length).toBeLessThan(5_000);
  });

  it('takes the words of the framework, and our own lines that came through its logger', () => {
    const framework = new FrameworkLog(
      new PinoLog(createLogger('debug', { write: (line: string) => void lines.push(line) })),
    );
    framework.log('Mapped {/health, GET} route', 'RouterExplorer');
    expect(last()).toMatchObject({
      level: 'debug',
      event: 'framework.message',
      message: 'Mapped {/health, GET} route',
      context: 'RouterExplorer',
    });
    framework.log({ msg: 'database.woke' }, 'database');
    expect(last()).toMatchObject({ level: 'info', event: 'database.woke' });
    framework.warn({ msg: 'database.hint_failed', error: 'no' }, 'database');
    expect(last()).toMatchObject({
      level: 'warn',
      event: 'database.hint_failed',
      error: 'no',
      context: 'database',
    });
    framework.error('it broke', 'Error: it broke\n    at x', 'Context');
    expect(last()).toMatchObject({ level: 'error', stack: 'Error: it broke\n    at x', context: 'Context' });
    framework.error(new Error('no start'), 'ExceptionHandler');
    expect(lines).toHaveLength(4);
  });
});
