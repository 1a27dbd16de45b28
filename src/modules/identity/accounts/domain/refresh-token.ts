/** A refresh token and its family, as found under the family's lock; times by the clock of the database. */
export interface FoundRefreshToken {
  readonly familyId: string;
  readonly userId: string;
  /** The family was not revoked, is within its lifetimes, and its person may enter. */
  readonly isAlive: boolean;
  readonly isUsed: boolean;
  /** It was used after this request had come in: somebody was faster, nobody repeats an old token. */
  readonly lostARace: boolean;
}

/**
 * A token is used once. One that comes again was copied, and nobody can tell which of the two is the owner:
 * the family ends. Requests that were already here when it was used lost a race; they get nothing, and end
 * nothing.
 */
export function verdictOn(token: FoundRefreshToken | null): 'rotate' | 'refuse' | 'revoke' {
  if (!token?.isAlive) return 'refuse';
  if (!token.isUsed) return 'rotate';
  return token.lostARace ? 'refuse' : 'revoke';
}
