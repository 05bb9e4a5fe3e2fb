import { generateKeyPairSync } from 'node:crypto';
import { eachDatabase } from '@lab/testing';
import { createRemoteJWKSet, errors, jwtVerify } from 'jose';
import { expect, it } from 'vitest';
import { createTokenSigner } from '../src/sessions/access-tokens.ts';
import { prepareSigningKey } from '../src/sessions/signing-keys.ts';
import { NOON, startAccounts } from './accounts-app.ts';

const ALICE = 'demo-alice@example.com';

eachDatabase((engine) => {
  /** A server of somebody else, which knows the accounts by their JWKS only. */
  const openForeign = async () => {
    const server = await startAccounts(engine, { isSeeded: true });
    const jwks = createRemoteJWKSet(new URL('/.well-known/jwks.json', server.origin), {
      cooldownDuration: 0,
    });
    const verify = (token: string, audience = 'ecommerce-lab') =>
      jwtVerify(token, jwks, {
        ...{ algorithms: ['EdDSA'], typ: 'at+jwt', issuer: 'ecommerce-lab', audience },
        currentDate: server.now(),
      });
    return { ...server, verify };
  };

  it('a foreign verifier accepts an access token by the JWKS, and finds what RFC 9068 requires', async () => {
    const { logIn, verify } = await openForeign();
    const { access_token, session_id } = await logIn(ALICE);
    const { payload, protectedHeader } = await verify(access_token);
    const iat = Date.parse(NOON) / 1000;
    expect(payload).toMatchObject({
      ...{ iss: 'ecommerce-lab', aud: 'ecommerce-lab', sub: '1', sid: session_id, roles: ['customer'] },
      ...{ client_id: 'ecommerce-lab', iat, exp: iat + 600, jti: expect.any(String) },
    });
    expect(protectedHeader).toMatchObject({ alg: 'EdDSA', typ: 'at+jwt', kid: expect.any(String) });
    const [head, body, signature] = access_token.split('.');
    const other = Buffer.from(JSON.stringify({ ...payload, roles: ['admin'] })).toString('base64url');
    await expect(verify(`${head}.${other}.${signature}`)).rejects.toThrow(
      errors.JWSSignatureVerificationFailed,
    );
    await expect(verify(`${head}.${body}.`)).rejects.toThrow(errors.JOSEError);
    await expect(verify(access_token, 'another shop')).rejects.toThrow(errors.JWTClaimValidationFailed);
  });

  it('it follows a rotation of the signing key, and tokens of both keys verify', async () => {
    const { logIn, verify, db, now } = await openForeign();
    const { access_token: before, session_id: sessionId } = await logIn(ALICE);
    await verify(before);
    const key = await prepareSigningKey(db, generateKeyPairSync('ed25519').privateKey, now);
    const signer = createTokenSigner(
      { key, now, newId: () => 'a new token' },
      { issuer: 'ecommerce-lab', audience: 'ecommerce-lab', ttlMs: 600_000 },
    );
    const { token } = await signer.sign({ accountId: 1, sessionId, roles: [] }, Number.MAX_SAFE_INTEGER);
    expect((await verify(token)).protectedHeader.kid).toBe(key.id);
    await verify(before);
  });
});
