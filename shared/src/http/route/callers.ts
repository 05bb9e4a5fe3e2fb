import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { invalidRequest, invalidToken } from '#src/problem/common-problems.ts';
import { ProblemError } from '#src/problem/problem.ts';

export interface Shopper {
  readonly role: 'shopper';
  readonly userId: number;
  /** What the account may do besides shopping: `catalog:write`, `orders:manage`. Empty for most accounts. */
  readonly permissions: ReadonlySet<string>;
  /** The session that the access token belongs to. Absent for tokens from a setting. */
  readonly sessionId?: string;
}

/** A caller with the operators' token, who has every permission. */
export interface Operator {
  readonly role: 'operator';
}

export type Caller = Shopper | Operator;

export type CallerKind = 'shopper' | 'operator' | 'either';

/**
 * Finds out who sent a request: from tokens in a setting, sessions in a database, or access tokens of an identity
 * provider.
 */
export interface Callers {
  /** Named in `WWW-Authenticate` (RFC 9110, section 11.5). */
  readonly realm: string;
  /**
   * Resolves with the caller, or with undefined if the request has no credentials. Rejects with a ProblemError (400 or
   * 401) if the credentials are malformed or not valid. If a request has several credentials, `wanted` decides which
   * ones take precedence.
   */
  readonly identify: (
    headers: IncomingHttpHeaders,
    wanted: CallerKind,
  ) => Caller | undefined | Promise<Caller | undefined>;
}

/** Resolves with the shopper of a bearer token, or with undefined if it does not know the token. */
export type VerifyToken = (token: string) => Shopper | undefined | Promise<Shopper | undefined>;

export interface CallerOptions {
  /** User id of each shopper's token, by token. */
  readonly authTokens: ReadonlyMap<string, number>;
  readonly adminToken: string;
  /** Trust `X-User-Id`. Only behind a gateway that sets it, or on a developer's machine. */
  readonly trustUserHeader: boolean;
  /** Named in challenges (default `ecommerce-lab`). */
  readonly realm?: string;
}

export interface CallerDeps {
  /** Called for tokens that are not in `authTokens`, such as access tokens of accounts. */
  readonly verifyToken?: VerifyToken;
}

interface CallerSettings {
  readonly AUTH_TOKENS: ReadonlyMap<string, number>;
  readonly ADMIN_TOKEN: string;
  readonly TRUST_USER_HEADER: boolean;
}

/** The options of `createCallers` from a server's settings. */
export const callerOptions = (settings: CallerSettings): CallerOptions => ({
  authTokens: settings.AUTH_TOKENS,
  adminToken: settings.ADMIN_TOKEN,
  trustUserHeader: settings.TRUST_USER_HEADER,
});

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

const userIdPattern = /^[1-9]\d{0,14}$/;
const bearerPattern = /^Bearer +([A-Za-z0-9._~+/-]+=*)$/i;

const badHeader = (header: string, detail: string): ProblemError =>
  new ProblemError(invalidRequest, {
    detail: `The header ${header} is malformed.`,
    errors: [{ header, detail }],
  });

const tokenRefusal = (challenge: string): ProblemError =>
  new ProblemError(invalidToken, { headers: { 'WWW-Authenticate': challenge } });

const shopperOf = (userId: number): Shopper => ({ role: 'shopper', userId, permissions: new Set() });

/**
 * Bearer tokens (RFC 6750) for shoppers, `X-Admin-Token` for operators. Every known token is compared in constant time,
 * so that the response time does not reveal how much of a guess was right.
 */
export const createCallers = (options: CallerOptions, { verifyToken }: CallerDeps = {}): Callers => {
  const { realm = 'ecommerce-lab' } = options;
  const shoppers = [...options.authTokens].map(([token, userId]) => ({ token: digest(token), userId }));
  const adminToken = digest(options.adminToken);

  const byToken = async (authorization: string): Promise<Shopper> => {
    const token = bearerPattern.exec(authorization)?.[1];
    if (token === undefined) throw badHeader('Authorization', 'must be: Bearer <token>');
    const given = digest(token);
    // `filter` compares every token, unlike `find`.
    const known = shoppers.filter((shopper) => timingSafeEqual(given, shopper.token)).at(0);
    const shopper = known ? shopperOf(known.userId) : await verifyToken?.(token);
    if (shopper) return shopper;
    throw tokenRefusal(`Bearer realm="${realm}", error="invalid_token"`);
  };

  const byAdminToken = (token: string): Operator => {
    if (timingSafeEqual(digest(token), adminToken)) return { role: 'operator' };
    throw tokenRefusal(`AdminToken realm="${realm}"`);
  };

  const byUserHeader = (userId: string): Shopper => {
    if (!userIdPattern.test(userId)) throw badHeader('X-User-Id', 'must be a positive integer');
    return shopperOf(Number(userId));
  };

  return {
    realm,
    identify: async (headers, wanted) => {
      const { authorization } = headers;
      const adminHeader = headers['x-admin-token'];
      const userHeader = options.trustUserHeader ? headers['x-user-id'] : undefined;
      const isShopper = authorization !== undefined || userHeader !== undefined;
      if (adminHeader !== undefined && !(wanted === 'shopper' && isShopper))
        return byAdminToken(String(adminHeader));
      if (authorization !== undefined) return byToken(authorization);
      return userHeader === undefined ? undefined : byUserHeader(String(userHeader));
    },
  };
};
