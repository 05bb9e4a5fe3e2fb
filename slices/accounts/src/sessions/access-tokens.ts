/**
 * Access tokens: JWTs of RFC 9068, signed with Ed25519. They are short-lived and carry what other servers need.
 * Guarantees: a token is accepted only with the one algorithm, the type `at+jwt`, our issuer and audience, an expiry
 * ahead and an issue time behind us, and a key that the server itself knows under the token's key id. Keys inside of a
 * token (`jwk`, `jku`, `x5c`) are never looked at.
 * Does NOT guarantee: that the session is still live. That is up to the database, for servers that share it.
 */
import { errors, jwtVerify, SignJWT } from 'jose';
import { z } from 'zod';
import type { PublicKeys, SigningKey } from './signing-keys.ts';

export interface TokenOptions {
  /** Claims `iss` and `aud`. */
  readonly issuer: string;
  readonly audience: string;
  /** Life of a token, in milliseconds. */
  readonly ttlMs: number;
}

const ALGORITHM = 'EdDSA';
const TYPE = 'at+jwt';
const CLOCK_SKEW_S = 5;
/** No token lives longer; older ones are refused whatever they claim. */
const OLDEST_S = 86_400;

const claimsSchema = z.object({
  sub: z.string().regex(/^[1-9]\d{0,14}$/),
  sid: z.uuid(),
  roles: z.array(z.string()),
  jti: z.string(),
});

export interface AccessClaims {
  readonly accountId: number;
  readonly sessionId: string;
  readonly roles: readonly string[];
}

/** Signs access tokens. A token does not outlive its session. */
export const createTokenSigner = (
  { key, now, newId }: { readonly key: SigningKey; readonly now: () => Date; readonly newId: () => string },
  { issuer, audience, ttlMs }: TokenOptions,
) => ({
  sign: async ({ accountId, sessionId, roles }: AccessClaims, sessionEndMs: number) => {
    const nowMs = now().getTime();
    const expiresAtS = Math.floor(Math.min(nowMs + ttlMs, sessionEndMs) / 1000);
    const issuedAtS = Math.floor(nowMs / 1000);
    // RFC 9068 requires a client: the shop itself.
    const token = await new SignJWT({ sid: sessionId, roles: [...roles], client_id: audience })
      .setProtectedHeader({ alg: ALGORITHM, typ: TYPE, kid: key.id })
      .setIssuer(issuer)
      .setAudience(audience)
      .setSubject(String(accountId))
      .setIssuedAt(issuedAtS)
      .setExpirationTime(expiresAtS)
      .setJti(newId())
      .sign(key.privateKey);
    return { token, expiresInS: expiresAtS - issuedAtS };
  },
});

export type TokenSigner = ReturnType<typeof createTokenSigner>;

/** Verifies an access token (RFC 9068, section 4; RFC 8725). Resolves with undefined if it is to be refused. */
export const createTokenVerifier =
  (
    { keys, now }: { readonly keys: Pick<PublicKeys, 'find'>; readonly now: () => Date },
    { issuer, audience }: Pick<TokenOptions, 'issuer' | 'audience'>,
  ) =>
  async (token: string): Promise<AccessClaims | undefined> => {
    try {
      const { payload } = await jwtVerify(
        token,
        async ({ kid }) => {
          const key = kid === undefined ? undefined : await keys.find(kid);
          if (!key) throw new errors.JWKSNoMatchingKey();
          return key;
        },
        {
          algorithms: [ALGORITHM],
          typ: TYPE,
          issuer,
          audience,
          currentDate: now(),
          clockTolerance: CLOCK_SKEW_S,
          maxTokenAge: OLDEST_S,
          requiredClaims: ['exp', 'iat', 'jti', 'sub', 'sid', 'roles'],
        },
      );
      const { data } = claimsSchema.safeParse(payload);
      return data && { accountId: Number(data.sub), sessionId: data.sid, roles: data.roles };
    } catch (error) {
      if (error instanceof errors.JOSEError) return undefined;
      throw error;
    }
  };

export type VerifyAccessToken = ReturnType<typeof createTokenVerifier>;
