import { randomInt } from 'node:crypto';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
/** 40 characters out of 62 are 238 random bits; without the 8 readable ones, 190. */
const RANDOM_CHARACTERS = 40;
const PREFIX_CHARACTERS = 'dk_'.length + 8;
const SECRET = /^dk_[A-Za-z0-9]{40}$/;

export function newSecret(): string {
  return `dk_${Array.from({ length: RANDOM_CHARACTERS }, () => ALPHABET[randomInt(ALPHABET.length)]).join('')}`;
}

/** The readable start by which a key is recognised in lists and logs. */
export function prefixOf(secret: string): string {
  return secret.slice(0, PREFIX_CHARACTERS);
}

export function isSecret(text: string): boolean {
  return SECRET.test(text);
}
