import { malformedUrl, ProblemError } from '@lab/shared/http';

const prefix = '/wrapped';

const isDotSegment = (segment: string): boolean => segment === '.' || segment === '..';

/**
 * What follows `/wrapped` in the target of a request, query included, as it was sent: `/flaky/1?fail=2`. It is only ever
 * appended to the upstream's own URL, never resolved against it, so that `//other.example` remains a path.
 * Throws 400 `malformed_url` for dot segments, also encoded ones, with which a path would leave the upstream's base path.
 */
export const forwardedTarget = (url: string): string => {
  const target = url.replace(/^[a-z][a-z\d+.-]*:\/\/[^/?]*/i, '').slice(prefix.length);
  const [path = ''] = target.split('?', 1);
  if (decodeURIComponent(path).split(/[/\\]/).some(isDotSegment))
    throw new ProblemError(malformedUrl, { detail: 'The path must not contain `.` or `..` segments.' });
  return target;
};
