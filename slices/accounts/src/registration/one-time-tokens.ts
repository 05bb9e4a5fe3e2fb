import { createHash, randomBytes } from 'node:crypto';

const TOKEN_BYTES = 32;

/** A token that is sent to its owner once, and what is stored of it. */
export interface OneTimeToken {
  readonly token: string;
  readonly hash: string;
}

/** What is stored of a token. It has 256 random bits, so that a plain hash cannot be reversed by guessing. */
export const hashToken = (token: string): string => createHash('sha256').update(token).digest('hex');

export const createOneTimeToken = (): OneTimeToken => {
  const token = randomBytes(TOKEN_BYTES).toString('base64url');
  return { token, hash: hashToken(token) };
};
