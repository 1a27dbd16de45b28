import { createCipheriv, randomBytes } from 'node:crypto';
import { newId, tenantIdOf } from '../../kernel/ids';
import { AesGcmCipher, KeyRing, Undecipherable } from '.';

const key = (id: string) => `${id}:${randomBytes(32).toString('base64')}`;
const [old, current] = [key('k1'), key('k2')];
const cipher = new AesGcmCipher(KeyRing.parse(old));
const bound = { tenant: tenantIdOf(newId()), kind: 'stripe_secret_key', id: newId() };
const SECRET = 'sk_test_51абв€ a secret that is longer than one block of sixteen bytes';

function changed(sealed: string, part: number, change: (bytes: Buffer) => Buffer): string {
  const parts = sealed.split('.');
  parts[part] = change(Buffer.from(parts[part] as string, 'base64url')).toString('base64url');
  return parts.join('.');
}

const flipped = (bytes: Buffer) => {
  const other = Buffer.from(bytes);
  other[0] = (other[0] as number) ^ 1;
  return other;
};

describe('a sealed secret', () => {
  it('opens to what it was, and shows nothing of it', () => {
    const sealed = cipher.encrypt(SECRET, bound);
    expect(cipher.decrypt(sealed, bound)).toBe(SECRET);
    expect(sealed).toMatch(/^v1\.k1\.[\w-]{16}\.[\w-]{22}\.[\w-]+$/);
    expect(sealed).not.toContain('sk_test');
    expect(cipher.decrypt(cipher.encrypt('', bound), bound)).toBe('');
  });

  it('never looks the same twice', () => {
    expect(
      new Set(Array.from({ length: 1_000 }, () => cipher.encrypt(SECRET, bound).split('.')[2])).size,
    ).toBe(1_000);
  });

  it.each([
    ['the initial vector', 2],
    ['the tag', 3],
    ['the text', 4],
  ])('does not open when one bit of %s was changed', (_name, part) => {
    expect(() => cipher.decrypt(changed(cipher.encrypt(SECRET, bound), part, flipped), bound)).toThrow(
      Undecipherable,
    );
  });

  it.each([4, 8, 12, 15])('does not open with the tag cut to %i bytes, which could be guessed', (bytes) => {
    expect(() =>
      cipher.decrypt(
        changed(cipher.encrypt(SECRET, bound), 3, (tag) => tag.subarray(0, bytes)),
        bound,
      ),
    ).toThrow(Undecipherable);
  });

  it.each([
    ['another tenant', { tenant: tenantIdOf(newId()) }],
    ['another kind', { kind: 'webhook_secret' }],
    ['another row', { id: newId() }],
  ])('does not open when it was moved to %s', (_name, other) => {
    expect(() => cipher.decrypt(cipher.encrypt(SECRET, bound), { ...bound, ...other })).toThrow(
      Undecipherable,
    );
  });

  it('does not open when the border between kind and id was moved', () => {
    const sealed = cipher.encrypt(SECRET, { ...bound, kind: 'a","b', id: 'c' });
    expect(() => cipher.decrypt(sealed, { ...bound, kind: 'a', id: 'b","c' })).toThrow(Undecipherable);
  });

  it.each([
    '',
    'v1',
    'v2.k1.a.b.c',
    'v1.k1.a.b',
    'plain text',
    'v1.k9.AAAAAAAAAAAAAAAA.AAAAAAAAAAAAAAAAAAAAAA.AA',
  ])('refuses %j', (text) => {
    expect(() => cipher.decrypt(text, bound)).toThrow(Undecipherable);
  });

  it('rejects a text that was made with the key but without the bound data', () => {
    const material = Buffer.from(old.split(':')[1] as string, 'base64');
    const iv = randomBytes(12);
    const foreign = createCipheriv('aes-256-gcm', material, iv, { authTagLength: 16 });
    const body = Buffer.concat([foreign.update(SECRET), foreign.final()]);
    const sealed = [
      'v1',
      'k1',
      ...[iv, foreign.getAuthTag(), body].map((part) => part.toString('base64url')),
    ].join('.');
    expect(() => cipher.decrypt(sealed, bound)).toThrow(Undecipherable);
  });
});

describe('the key ring', () => {
  it('opens old texts while new ones get the new key, and knows which to seal again', () => {
    const rotated = new AesGcmCipher(KeyRing.parse(`${current},${old}`));
    const before = cipher.encrypt(SECRET, bound);
    expect(rotated.decrypt(before, bound)).toBe(SECRET);
    expect(rotated.needsReencryption(before)).toBe(true);
    const after = rotated.encrypt(rotated.decrypt(before, bound), bound);
    expect(after).toMatch(/^v1\.k2\./);
    expect(rotated.needsReencryption(after)).toBe(false);
    const retired = new AesGcmCipher(KeyRing.parse(current));
    expect(retired.decrypt(after, bound)).toBe(SECRET);
    expect(() => retired.decrypt(before, bound)).toThrow(Undecipherable);
  });

  it('does not open a text whose key id was rewritten', () => {
    const twins = new AesGcmCipher(KeyRing.parse(`${old},k2:${old.split(':')[1]}`));
    expect(() => twins.decrypt(twins.encrypt(SECRET, bound).replace('v1.k1.', 'v1.k2.'), bound)).toThrow(
      Undecipherable,
    );
  });

  it('refuses a key of another length', () => {
    expect(() => KeyRing.parse(`k1:${randomBytes(16).toString('base64')}`)).toThrow('32 bytes');
  });
});
