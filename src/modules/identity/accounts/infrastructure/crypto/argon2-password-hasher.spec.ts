import { Argon2PasswordHasher } from './argon2-password-hasher';

describe('a password of a user who does not exist', () => {
  it('is verified with a second dummy hash after making the first one failed', async () => {
    const hasher = new Argon2PasswordHasher();
    jest.spyOn(hasher, 'hash').mockRejectedValueOnce(new Error('no memory'));
    await expect(hasher.verify(null, 'a password')).rejects.toThrow('no memory');
    expect(await hasher.verify(null, 'a password')).toBe(false);
    expect(await hasher.verify(null, 'of a user who does not exist')).toBe(false);
  });
});
