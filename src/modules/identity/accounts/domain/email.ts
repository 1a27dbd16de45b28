import { InvalidEmail } from './errors';

const LENGTH_MAX = 254;
/** One @, a dot in the domain, no spaces. Whether mail arrives there is not checked. */
const SHAPE = /^[^\s@]{1,64}@[^\s@.]+(?:\.[^\s@.]+)+$/;
/**
 * Controls, format characters (zero-width, bidirectional), private use and unassigned: with them two
 * different addresses look the same.
 */
const INVISIBLE = /[\p{C}\p{Z}]/u;

/** An address as it was written, and the form that is unique. */
export interface Email {
  readonly shown: string;
  readonly folded: string;
}

/** @throws InvalidEmail */
export function emailOf(text: string): Email {
  const shown = text.trim().normalize('NFC');
  const folded = foldedEmail(shown);
  if (!isAddress(shown) || !isAddress(folded)) throw new InvalidEmail();
  return { shown, folded };
}

/**
 * Checks both forms: folding turns one letter into up to eighteen, look-alikes into an @, and some accents
 * into spaces.
 */
function isAddress(text: string): boolean {
  return text.length <= LENGTH_MAX && !INVISIBLE.test(text) && SHAPE.test(text);
}

/** NFKC makes full-width and ligature forms equal to the plain letter; case is folded in both directions. */
export function foldedEmail(text: string): string {
  return text.trim().normalize('NFKC').toUpperCase().toLowerCase().normalize('NFC');
}
