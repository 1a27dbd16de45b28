import { InvalidUserName } from './errors';

const NAME_MAX = 100;

/** @throws InvalidUserName */
export function userNameOf(text: string): string {
  const name = text.trim().normalize('NFC');
  if (name.length === 0 || name.length > NAME_MAX || /\p{C}/u.test(name)) throw new InvalidUserName();
  return name;
}
