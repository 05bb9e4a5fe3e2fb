/**
 * Problem: cursors come back from clients. A client that can forge one can put any value into the database's query, or
 * continue another caller's query.
 * Guarantees: a cursor is accepted only byte for byte as it was issued (HMAC-SHA256, RFC 2104, over all of it), only by
 * the list that issued it, and only for the sort, filters and caller it was issued for.
 * Does NOT guarantee: secrecy (positions are readable, so they contain only what the page shows) or expiry. A new
 * secret invalidates all cursors.
 */
import { createHmac, createSecretKey, hash, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { ProblemError } from '../http/index.ts';
import { cursorMismatch, invalidCursor } from './cursor-problems.ts';

/** The values of the last row of a page in the columns of its keyset, in their order. */
export type Position = readonly (string | number | null)[];

/** What a cursor is bound to besides its list: sort, filters, caller. Absent and undefined are the same. */
export type Binding = Readonly<Record<string, string | number | boolean | null | undefined>>;

export interface Cursors {
  /** An opaque text that needs no escaping in a URL. */
  readonly seal: (position: Position, binding: Binding) => string;
  /** Throws `invalid_cursor` unless this list sealed it, `cursor_mismatch` if it was for another binding. */
  readonly open: (cursor: string, binding: Binding) => Position;
}

/** Increment it when the layout below or the meaning of a position changes. Older cursors are then refused. */
const VERSION = '2';
const MAC_LENGTH = 43;
const BINDING_LENGTH = 22;

const positionSchema = z.array(z.union([z.string(), z.number(), z.null()]));

const canonical = (binding: Binding): string =>
  JSON.stringify(
    Object.entries(binding)
      .filter(([, value]) => value !== undefined)
      .toSorted(([left], [right]) => (left < right ? -1 : 1)),
  );

/** Compares two texts in a time that does not reveal where they differ. */
const isSame = (left: string, right: string): boolean => {
  const [these, those] = [Buffer.from(left), Buffer.from(right)];
  return these.length === those.length && timingSafeEqual(these, those);
};

/**
 * Cursors of one list. Layout: MAC (43 characters), version (1), digest of the binding (22), position as JSON; all but
 * the version in base64url. The MAC covers the encoded text: several encodings decode to the same bytes, because the
 * last character has unused bits. The key is derived from the secret and the list, so that lists do not accept each
 * other's cursors.
 */
export const createCursors = ({
  secret,
  list,
}: {
  readonly secret: string;
  /** Unique name of the list: `products`. */
  readonly list: string;
}): Cursors => {
  const derive = (use: string): Buffer => createHmac('sha256', secret).update(`${use}:${list}`).digest();
  const key = createSecretKey(derive('cursor'));
  const macOf = (text: string): string => createHmac('sha256', key).update(text).digest('base64url');
  // The MAC protects the digest from being replaced. The salt protects it from being reversed with a lookup table.
  const salt = derive('binding').toString('base64url');
  const digestOf = (binding: Binding): string =>
    hash('sha256', salt + canonical(binding), 'base64url').slice(0, BINDING_LENGTH);

  return {
    seal: (position, binding) => {
      const json = Buffer.from(JSON.stringify(position));
      const signed = `${VERSION}${digestOf(binding)}${json.toString('base64url')}`;
      return `${macOf(signed)}${signed}`;
    },
    open: (cursor, binding) => {
      const signed = cursor.slice(MAC_LENGTH);
      const isOurs = isSame(cursor.slice(0, MAC_LENGTH), macOf(signed)) && signed.startsWith(VERSION);
      if (!isOurs) throw new ProblemError(invalidCursor);
      const boundTo = signed.slice(VERSION.length, VERSION.length + BINDING_LENGTH);
      if (boundTo !== digestOf(binding)) throw new ProblemError(cursorMismatch);
      const json = Buffer.from(signed.slice(VERSION.length + BINDING_LENGTH), 'base64url').toString();
      return positionSchema.parse(JSON.parse(json));
    },
  };
};
