import { Argon2PasswordHasher } from './argon2-password-hasher';

describe('a password of a person who is not there', () => {
  it('is verified by another hash where making the first one failed', async () => {
    const hasher = new Argon2PasswordHasher();
    jest.spyOn(hasher, 'hash').mockRejectedValueOnce(new Error('no memory'));
    await expect(hasher.verify(null, 'a password')).rejects.toThrow('no memory');
    expect(await hasher.verify(null, 'a password')).toBe(false);
    expect(await hasher.verify(null, 'of a person who is not there')).toBe(false);
  });
});
