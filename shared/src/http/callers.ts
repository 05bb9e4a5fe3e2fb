import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { invalidRequest, invalidToken, missingCredentials } from '../problem/common-problems.ts';
import { ProblemError } from '../problem/problem.ts';

export interface Shopper {
  readonly userId: number;
}

export interface Operator {
  readonly role: 'operator';
}

export interface CallerOptions {
  /** Token of each shopper, by token. */
  readonly authTokens: ReadonlyMap<string, number>;
  readonly adminToken: string;
  /** Believe `X-User-Id`. Only behind a gateway that sets it, or on a developer's machine. */
  readonly trustUserHeader: boolean;
  /** Protection space named in `WWW-Authenticate` (RFC 9110, section 11.5). */
  readonly realm?: string;
}

interface CallerSettings {
  readonly AUTH_TOKENS: ReadonlyMap<string, number>;
  readonly ADMIN_TOKEN: string;
  readonly TRUST_USER_HEADER: boolean;
}

/** What the settings of a server say to `createCallers`. */
export const callerOptions = (settings: CallerSettings): CallerOptions => ({
  authTokens: settings.AUTH_TOKENS,
  adminToken: settings.ADMIN_TOKEN,
  trustUserHeader: settings.TRUST_USER_HEADER,
});

/** Names the caller of a request from its headers, or throws the 400 or 401 that says why not. */
export interface Callers {
  readonly shopper: (headers: IncomingHttpHeaders) => Shopper;
  readonly operator: (headers: IncomingHttpHeaders) => Operator;
  /** An operator where `X-Admin-Token` is given, else a shopper. */
  readonly either: (headers: IncomingHttpHeaders) => Shopper | Operator;
}

export type CallerKind = keyof Callers;

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/** Digests have one length, so the comparison takes the same time whatever was sent. */
const sameSecret = (given: Buffer, expected: Buffer): boolean => timingSafeEqual(given, expected);

const userIdPattern = /^[1-9]\d{0,14}$/;
const bearerPattern = /^Bearer +([A-Za-z0-9._~+/-]+=*)$/i;

const badHeader = (header: string, detail: string): ProblemError =>
  new ProblemError(invalidRequest, {
    detail: `The header ${header} is malformed.`,
    errors: [{ header, detail }],
  });

/**
 * Bearer tokens as in RFC 6750 for shoppers, `X-Admin-Token` for operators. Every known token is compared in
 * constant time, so that the time of an answer tells nothing about how much of a guess was right.
 */
export const createCallers = (options: CallerOptions): Callers => {
  const { trustUserHeader, realm = 'ecommerce-lab' } = options;
  const shoppers = [...options.authTokens].map(([token, userId]) => ({ token: digest(token), userId }));
  const adminToken = digest(options.adminToken);

  const byToken = (authorization: string): Shopper => {
    const token = bearerPattern.exec(authorization)?.[1];
    if (token === undefined) throw badHeader('Authorization', 'must be: Bearer <token>');
    const given = digest(token);
    const found = shoppers.filter((shopper) => sameSecret(given, shopper.token)).at(0);
    if (found) return { userId: found.userId };
    throw new ProblemError(invalidToken, {
      headers: { 'WWW-Authenticate': `Bearer realm="${realm}", error="invalid_token"` },
    });
  };

  const callers: Callers = {
    shopper: (headers) => {
      if (headers.authorization !== undefined) return byToken(headers.authorization);
      const userId = headers['x-user-id'];
      if (!trustUserHeader || userId === undefined) {
        throw new ProblemError(missingCredentials, {
          headers: { 'WWW-Authenticate': `Bearer realm="${realm}"` },
        });
      }
      if (!userIdPattern.test(String(userId))) throw badHeader('X-User-Id', 'must be a positive integer');
      return { userId: Number(userId) };
    },
    operator: (headers) => {
      const token = headers['x-admin-token'];
      const challenge = { headers: { 'WWW-Authenticate': `AdminToken realm="${realm}"` } };
      if (token === undefined) throw new ProblemError(missingCredentials, challenge);
      if (sameSecret(digest(String(token)), adminToken)) return { role: 'operator' };
      throw new ProblemError(invalidToken, challenge);
    },
    either: (headers) => callers[headers['x-admin-token'] === undefined ? 'shopper' : 'operator'](headers),
  };
  return callers;
};
