import { z } from 'zod';
import { commaList } from './setting.ts';

const parseHttpUrl = (text: string): URL | undefined =>
  /^https?:\/\//i.test(text) ? (URL.parse(text) ?? undefined) : undefined;

/** An http or https URL that paths can be added to: without query, fragment or user. A slash at its end is dropped. */
export const baseUrl = () =>
  z
    .string()
    .refine((text) => parseHttpUrl(text) !== undefined, {
      error: 'must be an http or https URL',
      abort: true,
    })
    .refine((text) => !/[?#@\\\s]/.test(text), 'must have no query, fragment, user or password')
    .transform((text) => text.replace(/(?<!\/)\/+$/, ''));

/**
 * Origins as browsers send them (RFC 6454, section 6.2), separated by commas. `*` is refused: it would let every page
 * that a user visits read the answers.
 */
export const originList = () =>
  commaList().refine(
    (entries) => entries.every((entry) => !entry.includes('*') && parseHttpUrl(entry)?.origin === entry),
    'must be origins separated by commas, each as https://shop.example: in lower case, without path, slash or default port; * is not accepted, name each origin',
  );
