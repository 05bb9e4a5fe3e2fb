import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
} from 'node:crypto';
import { type Executor, runSetup } from '@lab/shared/database';
import { calculateJwkThumbprint, type JWK } from 'jose';
import { z } from 'zod';
import type { KeyTables } from '../tables.ts';

/** A public key as `/.well-known/jwks.json` shows it (RFC 8037). */
export const publicJwkSchema = z.strictObject({
  kty: z.literal('OKP'),
  crv: z.literal('Ed25519'),
  x: z.string(),
  kid: z.string(),
  use: z.literal('sig'),
  alg: z.literal('EdDSA'),
});

export type PublicJwk = z.output<typeof publicJwkSchema>;

export interface SigningKey {
  /** Thumbprint of the public key (RFC 7638). */
  readonly id: string;
  readonly privateKey: KeyObject;
}

/** The private key of a PEM text, in which `\n` may stand for line breaks; undefined if it is no Ed25519 key. */
export const readPrivateKey = (pem: string): KeyObject | undefined => {
  try {
    const key = createPrivateKey(pem.replaceAll('\\n', '\n'));
    return key.asymmetricKeyType === 'ed25519' ? key : undefined;
  } catch {
    return undefined;
  }
};

const okp = z.object({ kty: z.literal('OKP'), crv: z.literal('Ed25519'), x: z.string() });

const describeKey = async (privateKey: KeyObject): Promise<PublicJwk> => {
  const jwk = okp.parse(createPublicKey(privateKey).export({ format: 'jwk' }));
  return { ...jwk, kid: await calculateJwkThumbprint(jwk), use: 'sig', alg: 'EdDSA' };
};

/** The newest private key in the database, or a new one. */
const readOrMakeKey = async (db: Executor<KeyTables>): Promise<{ key: KeyObject; isNew: boolean }> => {
  const newest = await db
    .selectFrom('account_keys')
    .select('private_jwk')
    .where('private_jwk', 'is not', null)
    .orderBy('created_at', 'desc')
    .orderBy('id')
    .limit(1)
    .executeTakeFirst();
  if (!newest?.private_jwk) return { key: generateKeyPairSync('ed25519').privateKey, isNew: true };
  const jwk = JSON.parse(newest.private_jwk);
  return { key: createPrivateKey({ key: jwk, format: 'jwk' }), isNew: false };
};

/**
 * The key that signs, at each start: the given one, or the newest in the database, or a new one that the database keeps.
 * The public half of every key that ever signed stays in the database until its row is deleted, so that the tokens of
 * other processes and of earlier keys verify.
 */
export const prepareSigningKey = (
  db: Executor<KeyTables>,
  given: KeyObject | undefined,
  now: () => Date,
): Promise<SigningKey> =>
  runSetup(db, async (trx) => {
    const { key, isNew } = given ? { key: given, isNew: false } : await readOrMakeKey(trx);
    const publicJwk = await describeKey(key);
    const row = {
      id: publicJwk.kid,
      public_jwk: JSON.stringify(publicJwk),
      private_jwk: isNew ? JSON.stringify(key.export({ format: 'jwk' })) : null,
      created_at: now().getTime(),
    };
    await trx
      .insertInto('account_keys')
      .values(row)
      .onConflict((conflict) => conflict.column('id').doNothing())
      .execute();
    return { id: publicJwk.kid, privateKey: key };
  });

/** The secret from which refresh tokens are derived: made at the first start, and kept in the database. */
export const prepareRefreshSecret = (db: Executor<KeyTables>): Promise<string> =>
  runSetup(db, async (trx) => {
    await trx
      .insertInto('account_secrets')
      .values({ name: 'refresh', value: randomBytes(32).toString('base64url') })
      .onConflict((conflict) => conflict.column('name').doNothing())
      .execute();
    const kept = trx.selectFrom('account_secrets').select('value').where('name', '=', 'refresh');
    return (await kept.executeTakeFirstOrThrow()).value;
  });

const LEAST_PAUSE_MS = 1000;

/**
 * The public keys that verify access tokens. A key that another process has added is found when the first token with
 * its id arrives. Unknown ids cost one query a second at most, however many of them are sent.
 */
export const createPublicKeys = (db: Executor<KeyTables>, now: () => Date) => {
  let known = new Map<string, JWK>();
  let readAtMs = Number.NEGATIVE_INFINITY;
  let reading: Promise<unknown> = Promise.resolve();

  const read = async (): Promise<readonly PublicJwk[]> => {
    const rows = await db.selectFrom('account_keys').select('public_jwk').orderBy('created_at').execute();
    const keys = rows.map((row) => publicJwkSchema.parse(JSON.parse(row.public_jwk)));
    known = new Map(keys.map((key) => [key.kid, key]));
    return keys;
  };

  return {
    /** All of them, read from the database. */
    list: read,
    /** The key with this id; undefined if there is none. */
    find: async (id: string): Promise<JWK | undefined> => {
      const nowMs = now().getTime();
      if (!known.has(id) && nowMs - readAtMs >= LEAST_PAUSE_MS) {
        readAtMs = nowMs;
        reading = read().catch((error: unknown) => {
          readAtMs = Number.NEGATIVE_INFINITY;
          throw error;
        });
      }
      // Also for those who come while it is under way.
      if (!known.has(id)) await reading;
      return known.get(id);
    },
  };
};

export type PublicKeys = ReturnType<typeof createPublicKeys>;
