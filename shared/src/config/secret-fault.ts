import type { Mark, Place } from './setting.ts';

const leastCharacters = 32;
const createOwn = 'create your own, for example with `openssl rand -hex 24`';

/**
 * Why a secret is not acceptable here, and what to do. Undefined if it is acceptable, or if the setting is not a
 * secret.
 */
export const secretFault = (
  text: string,
  { secret = false, defaults = {}, parts, remedy = createOwn }: Mark,
  { environment, isExposed }: Place,
): string | undefined => {
  if (!secret) return undefined;
  const isProduction = environment === 'production';
  const split = parts ?? ((whole: string) => [whole]);
  const given = split(text);
  const known = new Set(Object.values(defaults).flatMap(split));
  if (given.some((part) => known.has(part))) {
    if (isProduction) return `is a development secret, which production does not accept; ${remedy}`;
    if (isExposed)
      return `is a development secret, but HOST makes the server reachable from other machines; ${remedy}, or set HOST=127.0.0.1`;
  }
  if (isProduction && given.some((part) => part.length < leastCharacters))
    return `${parts ? 'each ' : ''}must have at least ${leastCharacters} characters in production; ${remedy}`;
  return undefined;
};
