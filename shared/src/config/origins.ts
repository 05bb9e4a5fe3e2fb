import { z } from 'zod';
import { commaList } from './setting.ts';

const parseHttpUrl = (text: string): URL | undefined =>
  /^https?:\/\//i.test(text) ? (URL.parse(text) ?? undefined) : undefined;

/** An http or https URL to append paths to, without query, fragment or user. A trailing slash is dropped. */
export const baseUrl = () =>
  z
    .string()
    .refine((text) => parseHttpUrl(text) !== undefined, {
      error: 'must be an http or https URL',
      abort: true,
    })
    .refine((text) => !/[?#@\\\s]/.test(text), 'must not have a query, fragment, user or password')
    .transform((text) => text.replace(/(?<!\/)\/+$/, ''));

/**
 * Origins as browsers send them (RFC 6454, section 6.2), separated by commas. `*` is refused because it would let every
 * page that a user visits read the responses.
 */
export const originList = () =>
  commaList().refine(
    (entries) => entries.every((entry) => !entry.includes('*') && parseHttpUrl(entry)?.origin === entry),
    'must be origins separated by commas, each like https://shop.example: in lower case, without path, trailing slash or default port; `*` is not accepted',
  );
