import type { IncomingMessage } from 'node:http';
import { parseCookie, type SerializeOptions, stringifySetCookie } from 'cookie';
import { sign, unsign } from 'cookie-signature';

/** The cookies of a request, by name. */
export const readCookies = (req: IncomingMessage): Readonly<Record<string, string | undefined>> =>
  parseCookie(req.headers.cookie ?? '');

const signedPrefix = 's:';

/** The cookies signed with one of these secrets, without their signatures. Others are left out. */
export const readSignedCookies = (
  req: IncomingMessage,
  secrets: readonly string[],
): Readonly<Record<string, string | undefined>> => {
  const verify = (name: string, signed: string): string | undefined =>
    secrets
      .map((secret) => unsign(signed, `${secret}:${name}`))
      .find((value): value is string => value !== false);
  const signed = Object.entries(readCookies(req)).flatMap(([name, text]) => {
    const value = text?.startsWith(signedPrefix) ? verify(name, text.slice(signedPrefix.length)) : undefined;
    return value === undefined ? [] : [[name, value] as const];
  });
  return Object.fromEntries(signed);
};

const safeAttributes: SerializeOptions = { httpOnly: true, secure: true, sameSite: 'lax', path: '/' };

/**
 * The value of a `Set-Cookie` header (RFC 6265). Unless the attributes say otherwise, the cookie is `HttpOnly`,
 * `Secure` and `SameSite=Lax`.
 */
export const setCookie = (name: string, value: string, attributes: SerializeOptions = {}): string =>
  stringifySetCookie({ ...safeAttributes, ...attributes, name, value });

/**
 * Like `setCookie`, but signed with the first of the secrets. The signature also covers the name, so that the value of
 * one cookie is not accepted for another.
 */
export const setSignedCookie = (
  name: string,
  value: string,
  secrets: readonly string[],
  attributes: SerializeOptions = {},
): string => {
  const [newest] = secrets;
  if (newest === undefined) throw new RangeError('a signed cookie needs a secret');
  return setCookie(name, `${signedPrefix}${sign(value, `${newest}:${name}`)}`, attributes);
};
