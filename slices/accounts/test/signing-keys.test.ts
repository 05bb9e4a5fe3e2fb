import { generateKeyPairSync } from 'node:crypto';
import { createSeededIds, eachDatabase } from '@lab/testing';
import { expect, it } from 'vitest';
import { createTokenSigner, createTokenVerifier } from '../src/sessions/access-tokens.ts';
import { createPublicKeys, prepareSigningKey, readPrivateKey } from '../src/sessions/signing-keys.ts';
import { openAccountsApp } from './accounts-app.ts';

const options = { issuer: 'the lab', audience: 'the shop', ttlMs: 600_000 };
const claims = { accountId: 7, sessionId: '019a0000-0000-7000-8000-000000000001', roles: [] };

const newPem = (): string =>
  String(generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }));

eachDatabase((engine) => {
  const open = async () => {
    const { db, now, advance } = await openAccountsApp(engine);
    const signWith = async (pem?: string) => {
      const given = pem === undefined ? undefined : readPrivateKey(pem);
      const key = await prepareSigningKey(db, given, now);
      const signer = createTokenSigner({ key, now, newId: createSeededIds(1, now) }, options);
      return (await signer.sign(claims, Number.MAX_SAFE_INTEGER)).token;
    };
    const keys = createPublicKeys(db, now);
    return { db, now, advance, keys, signWith, verify: createTokenVerifier({ keys, now }, options) };
  };

  it('is made once, also by processes that start together, and kept', async () => {
    const { db, now } = await open();
    const made = await Promise.all([1, 2, 3].map(() => prepareSigningKey(db, undefined, now)));
    expect(new Set(made.map(({ id }) => id)).size).toBe(1);
    expect(await db.selectFrom('account_keys').select('id').execute()).toHaveLength(1);
  });

  it('rotates: a second key signs, and tokens of both verify', async () => {
    const { signWith, verify, keys, advance, db } = await open();
    const first = await signWith();
    expect(await verify(first)).toEqual(claims);
    await advance(1000);
    const second = await signWith(newPem().replaceAll('\n', '\\n'));
    expect([await verify(first), await verify(second)]).toEqual([claims, claims]);
    expect(await keys.list()).toHaveLength(2);
    const stored = await db.selectFrom('account_keys').select('private_jwk').execute();
    expect(stored.filter(({ private_jwk }) => private_jwk !== null)).toHaveLength(1);
  });

  it('is found by the first tokens of a process, even if many come at once', async () => {
    const { signWith, verify } = await open();
    const token = await signWith();
    const verified = await Promise.all(Array.from({ length: 20 }, () => verify(token)));
    expect(verified).toEqual(Array.from({ length: 20 }, () => claims));
  });

  it('costs one query a second at most for unknown ids', async () => {
    const { db, now, advance } = await open();
    let reads = 0;
    const counting = new Proxy(db, {
      get: (target, name) => {
        if (name === 'selectFrom') reads += 1;
        const member: unknown = Reflect.get(target, name, target);
        return typeof member === 'function' ? member.bind(target) : member;
      },
    });
    const keys = createPublicKeys(counting, now);
    for (let index = 0; index < 50; index += 1) expect(await keys.find(`unknown-${index}`)).toBeUndefined();
    expect(reads).toBe(1);
    await advance(1000);
    await keys.find('unknown');
    expect(reads).toBe(2);
  });
});

it('is read from PEM, and other keys are refused', () => {
  expect(readPrivateKey(newPem())).toBeDefined();
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
  expect(readPrivateKey(String(rsa.export({ type: 'pkcs8', format: 'pem' })))).toBeUndefined();
  expect(readPrivateKey('not a key')).toBeUndefined();
});
