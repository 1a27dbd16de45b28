import { PassThrough } from 'node:stream';
import { newId, tenantIdOf } from '../../kernel/ids';
import { ExportSlots, ExportsBusy, READING_MAX_MS } from './export-slots';

describe('the place of an export', () => {
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => void jest.useRealTimers());

  it('is taken until the file was read, and not for ever: whoever reads too slowly is cut off', async () => {
    const [places, tenant, reader] = [new ExportSlots(), tenantIdOf(newId()), new PassThrough()];
    const closed = new Promise<void>((resolve) => reader.once('close', resolve));
    await expect(places.make(tenant, [reader], async () => 'file')).resolves.toBe('file');
    jest.advanceTimersByTime(READING_MAX_MS - 1);
    await expect(places.make(tenant, [new PassThrough()], async () => 'file')).rejects.toBeInstanceOf(
      ExportsBusy,
    );
    jest.advanceTimersByTime(1);
    await closed;
    await expect(places.make(tenant, [new PassThrough()], async () => 'file')).resolves.toBe('file');
  });

  it('is free when making the file failed, or when nobody waits for it any more', async () => {
    const [places, tenant] = [new ExportSlots(), tenantIdOf(newId())];
    const gone = new PassThrough();
    gone.destroy();
    await expect(places.make(tenant, [gone], async () => 'file')).rejects.toMatchObject({
      code: 'reader_gone',
    });
    await expect(
      places.make(tenant, [new PassThrough()], () => Promise.reject(new Error('down'))),
    ).rejects.toThrow('down');
    await expect(places.make(tenant, [new PassThrough()], async () => 'file')).resolves.toBe('file');
  });

  it('is free when the connection goes of an answer that waits behind another one, and never hears of it', async () => {
    const [places, tenant] = [new ExportSlots(), tenantIdOf(newId())];
    const [answer, connection] = [new PassThrough(), new PassThrough()];
    const closed = new Promise<void>((resolve) => connection.once('close', resolve));
    await places.make(tenant, [answer, connection], async () => 'file');
    connection.destroy();
    await closed;
    await expect(places.make(tenant, [new PassThrough()], async () => 'file')).resolves.toBe('file');
    await expect(
      places.make(tenantIdOf(newId()), [new PassThrough(), connection], async () => 'file'),
    ).rejects.toMatchObject({ code: 'reader_gone' });
    expect(answer.listenerCount('close')).toBe(new PassThrough().listenerCount('close'));
  });
});
