import { InvalidEmail } from '../../contract';

const LENGTH_MAX = 254;
/** One @, a dot in the domain, no spaces; whether mail arrives there is for the person to find out. */
const SHAPE = /^[^\s@]{1,64}@[^\s@.]+(?:\.[^\s@.]+)+$/;
/**
 * Controls, format characters (zero-width, bidirectional), private use and unassigned: two addresses that
 * look the same.
 */
const INVISIBLE = /[\p{C}\p{Z}]/u;

/** An address as somebody wrote it, and the form that is unique. */
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
 * Of both forms: folding makes eighteen letters of one, an @ of what looks like one, and spaces of some
 * accents.
 */
function isAddress(text: string): boolean {
  return text.length <= LENGTH_MAX && !INVISIBLE.test(text) && SHAPE.test(text);
}

/**
 * NFKC, so that full-width and ligature forms of a letter are that letter; case by Unicode, in both
 * directions.
 */
export function foldedEmail(text: string): string {
  return text.trim().normalize('NFKC').toUpperCase().toLowerCase().normalize('NFC');
}
