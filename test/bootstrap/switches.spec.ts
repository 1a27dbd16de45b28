import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const { takeSwitches } = jest.requireActual<{
  takeSwitches: (file: string, env: Record<string, string | undefined>) => void;
}>('../../scripts/lib/switches.cjs');

describe('what npm start reads from .env', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'disburse-env-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const taken = (text: string, env: Record<string, string | undefined> = {}) => {
    writeFileSync(join(folder, '.env'), text);
    takeSwitches(join(folder, '.env'), env);
    return env;
  };

  it('is which parts are real and where it listens; the environment takes precedence', () => {
    const env = taken('PORT=4000\nDATABASE_URL=postgres://a:b@h/d\nREDIS_URL=redis://h\n', { PORT: '5000' });
    expect(env).toEqual({ PORT: '5000', DATABASE_URL: 'postgres://a:b@h/d', REDIS_URL: 'redis://h' });
  });

  it('is no empty variable, and none of the periods, which the demonstration shortens', () => {
    expect(taken('DATABASE_URL=\nTRANSFER_SAFE_WINDOW_MS=43200000\n')).toEqual({});
  });

  it('is nothing when there is no file', () => {
    const env = {};
    takeSwitches(join(folder, 'none'), env);
    expect(env).toEqual({});
  });
});
