import { randomUUID } from 'node:crypto';
import { errors, jwtVerify, SignJWT, type JWTPayload } from 'jose';
import { isUuid } from '../../../../../kernel/ids';
import type { KeyRing } from '../../../../../platform/crypto';
import { type AccessClaims, AccessTokens } from '../../application/ports';

const ALGORITHM = 'HS256';
const ISSUER = 'disburse';
const AUDIENCE = 'disburse-api';
const TYPE = 'at+jwt';
const LIFE_MAX_S = 900;

/**
 * Tokens in the form of RFC 9068, signed with HS256, since the same program issues and reads them. The key is
 * chosen by its id from our own ring; the algorithm is fixed, whatever the token says.
 */
export class JoseAccessTokens extends AccessTokens {
  constructor(
    private readonly keyRing: KeyRing,
    readonly lifetimeS: number,
  ) {
    super();
  }

  issue({ userId, familyId }: AccessClaims): Promise<string> {
    const { id, material } = this.keyRing.current;
    return new SignJWT({ fam: familyId })
      .setProtectedHeader({ alg: ALGORITHM, typ: TYPE, kid: id })
      .setIssuer(ISSUER)
      .setAudience(AUDIENCE)
      .setSubject(userId)
      .setJti(randomUUID())
      .setIssuedAt()
      .setExpirationTime(`${this.lifetimeS}s`)
      .sign(material);
  }

  async read(token: string): Promise<AccessClaims | null> {
    try {
      const { payload } = await jwtVerify(token, ({ kid }) => this.keyOf(kid), {
        algorithms: [ALGORITHM],
        issuer: ISSUER,
        audience: AUDIENCE,
        typ: TYPE,
        requiredClaims: ['exp', 'iat', 'sub', 'jti', 'fam'],
        maxTokenAge: LIFE_MAX_S,
      });
      return claimsOf(payload);
    } catch (error) {
      if (error instanceof errors.JOSEError) return null;
      throw error;
    }
  }

  private keyOf(kid: unknown): Uint8Array {
    const key = typeof kid === 'string' ? this.keyRing.get(kid) : undefined;
    if (!key) throw new errors.JWKSNoMatchingKey();
    return key.material;
  }
}

/** A valid signature is not enough: claims of another shape were issued by another version. */
function claimsOf({ sub, fam, exp = 0, iat = 0 }: JWTPayload): AccessClaims | null {
  if (!isUuid(sub) || !isUuid(fam) || exp - iat > LIFE_MAX_S) return null;
  return { userId: sub, familyId: fam };
}
