import { COMMON_PASSWORDS } from './common-passwords';
import { WeakPassword } from './errors';

const LENGTH_MIN = 8;
export const PASSWORD_LENGTH_MAX = 128;

/** The same password however a keyboard composes its accents. */
export function normalizedPassword(text: string): string {
  return text.normalize('NFC');
}

/**
 * Checks the length and the list of common passwords. There are no rules about kinds of characters, which
 * lead to "Password1!". @throws WeakPassword
 */
export function chosenPassword(text: string, about: { readonly email: string }): string {
  const password = normalizedPassword(text);
  const characters = [...password].length;
  if (characters < LENGTH_MIN || characters > PASSWORD_LENGTH_MAX)
    throw new WeakPassword(`A password has ${LENGTH_MIN} to ${PASSWORD_LENGTH_MAX} characters.`);
  const lower = password.toLowerCase();
  const email = about.email.toLowerCase();
  if (lower === email || lower === email.split('@')[0])
    throw new WeakPassword('Your password must not be your e-mail address.');
  if (COMMON_PASSWORDS.has(lower) || isMonotonous(lower))
    throw new WeakPassword('This password is too common. Choose another one.');
  return password;
}

/** `aaaaaaaa`, `abababab`: in every list of common passwords, whatever the characters are. */
function isMonotonous(text: string): boolean {
  return new Set(text).size <= 2;
}
