/** A refresh token and its family, as found under the family's lock. Times are by the database's clock. */
export interface FoundRefreshToken {
  readonly familyId: string;
  readonly userId: string;
  /** The family is not revoked, is within its lifetimes, and its user is active. */
  readonly isAlive: boolean;
  readonly isUsed: boolean;
  /** It was used after this request had arrived: a concurrent use, not a repeat of an old token. */
  readonly lostARace: boolean;
}

/**
 * A token is used once. One that comes again was copied, and it is not clear which of the two holders is
 * the owner, so the family is revoked. A request that had already arrived when the token was used only lost a race: it
 * gets no tokens, and revokes nothing.
 */
export function verdictOn(token: FoundRefreshToken | null): 'rotate' | 'reject' | 'revoke' {
  if (!token?.isAlive) return 'reject';
  if (!token.isUsed) return 'rotate';
  return token.lostARace ? 'reject' : 'revoke';
}
