// As a whole, because a Node without Argon2 would refuse to load a module that imports it by name.
import crypto, { type Argon2Parameters } from 'node:crypto';

/** The costs of Argon2id (RFC 9106). */
export interface HashCost {
  /** KiB */
  readonly memory: number;
  readonly passes: number;
  readonly lanes: number;
}

/** What a stored hash says about itself. */
export interface StoredHash {
  readonly cost: HashCost;
  readonly salt: Buffer;
  readonly tag: Buffer;
}

const TAG_BYTES = 32;
const phcPattern =
  /^\$argon2id\$v=19\$m=(\d{1,8}),t=(\d{1,3}),p=(\d{1,3})\$([A-Za-z0-9+/]{11,86})\$([A-Za-z0-9+/]{43})$/;

const unpadded = (bytes: Buffer): string => bytes.toString('base64').replaceAll('=', '');

/** A hash as one text: the PHC string format, as the reference implementation of Argon2 writes it. */
export const formatHash = ({ cost, salt, tag }: StoredHash): string =>
  `$argon2id$v=19$m=${cost.memory},t=${cost.passes},p=${cost.lanes}$${unpadded(salt)}$${unpadded(tag)}`;

/** Reads a PHC string. Throws if it is none of ours: the database has no other hashes. */
export const parseHash = (text: string): StoredHash => {
  const [, memory, passes, lanes, salt = '', tag = ''] = phcPattern.exec(text) ?? [];
  if (lanes === undefined) throw new RangeError('a stored password hash is not an Argon2id PHC string');
  return {
    cost: { memory: Number(memory), passes: Number(passes), lanes: Number(lanes) },
    salt: Buffer.from(salt, 'base64'),
    tag: Buffer.from(tag, 'base64'),
  };
};

/** This Node cannot hash passwords. The message names the remedy. */
class NoArgon2Error extends Error {
  override readonly name = 'NoArgon2Error';
  /** Tells launchers that the message explains itself and needs no stack trace. */
  readonly code = 'NO_ARGON2';
}

/** Throws a NoArgon2Error where Node, or the OpenSSL that it was built with, is too old. */
export const requireArgon2 = ({ argon2 }: { readonly argon2?: unknown } = crypto): void => {
  if (typeof argon2 === 'function') return;
  const has = `This Node (${process.version}, OpenSSL ${process.versions.openssl}) has no Argon2.`;
  throw new NoArgon2Error(
    `${has} Use Node 24.7 or later with OpenSSL 3.2 or later, such as the one that make installs.`,
  );
};

/** The tag of a password, computed in Node's thread pool. */
export const computeTag = (
  password: string,
  salt: Buffer,
  { memory, passes, lanes }: HashCost,
): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    const parameters: Argon2Parameters = {
      message: Buffer.from(password),
      nonce: salt,
      memory,
      passes,
      parallelism: lanes,
      tagLength: TAG_BYTES,
    };
    crypto.argon2('argon2id', parameters, (error, tag) => (error ? reject(error) : resolve(tag)));
  });
