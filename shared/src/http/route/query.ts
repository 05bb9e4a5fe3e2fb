import { malformedUrl } from '#src/problem/common-problems.ts';
import { ProblemError } from '#src/problem/problem.ts';

const decode = (text: string): string => {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    throw new ProblemError(malformedUrl);
  }
};

/**
 * Parses a query string into an object without prototype. The value of a repeated name is an array, so that a schema of
 * strings refuses it. Unlike `node:querystring`, it refuses broken percent-encoding instead of guessing.
 */
export const parseQuery = (query: string): Record<string, string | string[]> => {
  const parsed: Record<string, string | string[]> = Object.create(null);
  for (const pair of query.split('&')) {
    if (pair === '') continue;
    const equals = pair.indexOf('=');
    const name = decode(equals === -1 ? pair : pair.slice(0, equals));
    const value = equals === -1 ? '' : decode(pair.slice(equals + 1));
    const before = parsed[name];
    if (Array.isArray(before)) before.push(value);
    else parsed[name] = before === undefined ? value : [before, value];
  }
  return parsed;
};
