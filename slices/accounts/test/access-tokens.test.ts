import { createHmac, createPrivateKey, generateKeyPairSync, sign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createFakeClock, createSeededIds } from '@lab/testing';
import { describe, expect, it, test } from 'vitest';
import { z } from 'zod';
import { createTokenSigner, createTokenVerifier } from '../src/sessions/access-tokens.ts';
import { NOON } from './accounts-app.ts';

const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const jwk = publicKey.export({ format: 'jwk' });
const options = { issuer: 'the lab', audience: 'the shop', ttlMs: 600_000 };
const KID = 'the key';
const sessionId = '019a0000-0000-7000-8000-000000000001';

const { now, advance } = createFakeClock(NOON);
const seconds = () => Math.floor(now().getTime() / 1000);

/** Accepts tokens under every key id that a vector may name, so that only the rest can refuse them. */
const verifyWith = (keys: ReadonlyMap<string, object>) =>
  createTokenVerifier({ keys: { find: async (id) => keys.get(id) }, now }, options);
const verify = verifyWith(new Map([[KID, jwk]]));
const signer = createTokenSigner(
  { key: { id: KID, privateKey }, now, newId: createSeededIds(1, now) },
  options,
);
const claims = { accountId: 7, sessionId, roles: ['customer'] };
const endless = Number.MAX_SAFE_INTEGER;

const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

const header = { alg: 'EdDSA', typ: 'at+jwt', kid: KID };
const payload = () => ({
  ...{ iss: options.issuer, aud: options.audience, sub: '7', sid: sessionId, roles: ['customer'] },
  ...{ jti: 'one', iat: seconds(), exp: seconds() + 600 },
});

/** A token with these parts, signed by our key unless another signature is given. */
const forge = (
  changedHeader: object,
  changedPayload: object = {},
  signature = (text: string) => sign(null, Buffer.from(text), privateKey).toString('base64url'),
): string => {
  const signed = `${encode({ ...header, ...changedHeader })}.${encode({ ...payload(), ...changedPayload })}`;
  return `${signed}.${signature(signed)}`;
};

describe('an access token', () => {
  it('is accepted as it was signed, and expires with its session at the latest', async () => {
    const { token, expiresInS } = await signer.sign(claims, endless);
    expect([await verify(token), expiresInS]).toEqual([claims, 600]);
    expect((await signer.sign(claims, now().getTime() + 60_000)).expiresInS).toBe(60);
    expect(await verify(forge({}))).toEqual(claims);
  });

  it('is accepted up to 5 seconds after its end, and not before its time', async () => {
    const { token } = await signer.sign(claims, endless);
    await advance(604_000);
    expect(await verify(token)).toEqual(claims);
    await advance(1_000);
    expect(await verify(token)).toBeUndefined();
    expect(await verify(forge({}, { iat: seconds() + 4 }))).toEqual(claims);
    expect(await verify(forge({}, { iat: seconds() + 10 }))).toBeUndefined();
    expect(await verify(forge({}, { nbf: seconds() + 10 }))).toBeUndefined();
    expect(await verify(forge({}, { iat: seconds() - 90_000, exp: seconds() + 600 }))).toBeUndefined();
  });

  const other = generateKeyPairSync('ed25519');
  const byOther = (text: string) => sign(null, Buffer.from(text), other.privateKey).toString('base64url');
  const byHmac = (text: string) =>
    createHmac('sha256', String(publicKey.export({ type: 'spki', format: 'pem' })))
      .update(text)
      .digest('base64url');

  it.each([
    ['alg none', () => forge({ alg: 'none' }, {}, () => '')],
    ['alg None', () => forge({ alg: 'None' }, {}, () => '')],
    ['no signature', () => forge({}, {}, () => '')],
    ['key confusion: HS256 with the public key as secret', () => forge({ alg: 'HS256' }, {}, byHmac)],
    ['an embedded jwk', () => forge({ jwk: other.publicKey.export({ format: 'jwk' }) }, {}, byOther)],
    ['a jku', () => forge({ jku: 'https://evil.example/jwks.json' }, {}, byOther)],
    ['an unknown critical header', () => forge({ crit: ['x'], x: 1 })],
    ['a kid that is a path', () => forge({ kid: '../../dev/null' })],
    ['a kid that is SQL', () => forge({ kid: "x' or '1'='1" })],
    ['a kid of Object.prototype', () => forge({ kid: '__proto__' })],
    ['no kid', () => forge({ kid: undefined })],
    ['another key under our kid', () => forge({}, {}, byOther)],
    ['typ JWT', () => forge({ typ: 'JWT' })],
    ['no typ', () => forge({ typ: undefined })],
    ['another issuer', () => forge({}, { iss: 'evil' })],
    ['another audience', () => forge({}, { aud: 'another' })],
    ['no expiry', () => forge({}, { exp: undefined })],
    ['an expiry that is text', () => forge({}, { exp: '9999999999' })],
    ['no session', () => forge({}, { sid: undefined })],
    ['no subject', () => forge({}, { sub: undefined })],
    ['a subject that is no account', () => forge({}, { sub: '0' })],
    ['roles that are text', () => forge({}, { roles: 'admin' })],
    ['no parts', () => 'token'],
    ['a changed payload', () => forge({}).replace(/\.[^.]+\./, `.${encode({ ...payload(), sub: '8' })}.`)],
  ])('with %s is refused', async (_what, make) => {
    expect(await verify(make())).toBeUndefined();
  });
});

const readVectors = (name: string): readonly unknown[] =>
  readFileSync(new URL(`vectors/${name}.jsonl`, import.meta.url), 'utf8')
    .trimEnd()
    .split('\n')
    .slice(1)
    .map((line) => JSON.parse(line));

const jwsGroups = z.array(
  z.object({
    public: z.looseObject({ kid: z.string().optional() }).optional(),
    secret: z.looseObject({ kid: z.string().optional() }).optional(),
    tests: z.array(z.object({ id: z.int(), jws: z.string(), result: z.string() })),
  }),
);

test('all 401 JWS vectors of Wycheproof are refused, also the valid ones: their algorithms are not ours', async () => {
  let count = 0;
  for (const group of jwsGroups.parse(readVectors('wycheproof-jws'))) {
    const key = group.public ?? group.secret ?? {};
    // The key of the vector is in place as if it were one of ours.
    const accept = verifyWith(new Map([[String(key.kid), key]]));
    for (const { id, jws } of group.tests) {
      expect(await accept(jws), `vector ${id}`).toBeUndefined();
      count += 1;
    }
  }
  expect(count).toBe(401);
});

const edGroups = z.array(
  z.object({
    publicKey: z.string(),
    tests: z.array(z.object({ id: z.int(), result: z.string(), msg: z.string(), sig: z.string() })),
  }),
);

test('the Ed25519 that jose uses agrees with all vectors of Wycheproof', async () => {
  let count = 0;
  for (const { publicKey: hex, tests } of edGroups.parse(readVectors('wycheproof-ed25519'))) {
    const key = await crypto.subtle.importKey('raw', Buffer.from(hex, 'hex'), 'Ed25519', false, ['verify']);
    for (const { id, result, msg, sig } of tests) {
      const [signature, message] = [Buffer.from(sig, 'hex'), Buffer.from(msg, 'hex')];
      const isAccepted = await crypto.subtle.verify('Ed25519', key, signature, message);
      expect(isAccepted, `vector ${id}`).toBe(result === 'valid');
      count += 1;
    }
  }
  expect(count).toBeGreaterThan(100);
});

test('the private key of RFC 8037 signs as its appendix A.4 says', () => {
  const key = createPrivateKey({
    format: 'jwk',
    key: {
      ...{ kty: 'OKP', crv: 'Ed25519', d: 'nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A' },
      x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo',
    },
  });
  const text = 'eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc';
  expect(sign(null, Buffer.from(text), key).toString('base64url')).toBe(
    'hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg',
  );
});
