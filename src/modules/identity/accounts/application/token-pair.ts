import type { AccessClaims, AccessTokens } from '../../access/application/ports';

/** A short access token, and a refresh token that works once. */
export interface TokenPair {
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly lifetimeS: number;
}

export async function tokenPair(
  accessTokens: AccessTokens,
  claims: AccessClaims,
  refreshToken: string,
): Promise<TokenPair> {
  const accessToken = await accessTokens.issue(claims);
  return { accessToken, refreshToken, lifetimeS: accessTokens.lifetimeS };
}
