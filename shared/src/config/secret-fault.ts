import type { Mark, Place } from './setting.ts';

const leastCharacters = 32;
const remedy = 'make your own, with `openssl rand -hex 24` for one';

/** Why a secret is none in this place, and what to do; undefined where it is good, or where the setting is no secret. */
export const secretFault = (
  text: string,
  { secret = false, defaults = {}, parts }: Mark,
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
      return `is a development secret, and HOST lets other machines in; ${remedy}, or set HOST=127.0.0.1`;
  }
  if (isProduction && given.some((part) => part.length < leastCharacters))
    return `${parts ? 'each ' : ''}must have at least ${leastCharacters} characters in production; ${remedy}`;
  return undefined;
};
