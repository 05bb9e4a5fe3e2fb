/**
 * Problem: a cursor comes back from the client, and whoever can write one can ask the database for anything in a
 * position's place, or continue one caller's query as another.
 * Guarantees: a cursor is accepted byte for byte as it was issued or not at all (HMAC-SHA256, RFC 2104, over all of
 * it), by the list that issued it, for the sort, filters and caller it was issued for.
 * Does NOT guarantee: secrecy (a position is readable, so it holds only what the page shows) nor an expiry; a new
 * secret ends all walks.
 */
import { createHmac, createSecretKey, hash, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { ProblemError } from '../http/index.ts';
import { cursorMismatch, invalidCursor } from './cursor-problems.ts';

/** The values of the last row of a page in the columns of its keyset, in their order. */
export type Position = readonly (string | number | null)[];

/** What a walk is bound to besides its list: sort, filters, caller. Absent and undefined are the same. */
export type Binding = Readonly<Record<string, string | number | boolean | null | undefined>>;

export interface Cursors {
  /** An opaque text, safe in a URL as it is. */
  readonly seal: (position: Position, binding: Binding) => string;
  /** Throws `invalid_cursor` unless this list sealed it, `cursor_mismatch` if it was for another binding. */
  readonly open: (cursor: string, binding: Binding) => Position;
}

/** Raise it when the layout below or the meaning of a position changes: older cursors are then refused. */
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

/** Whether two texts are the same, in a time that does not tell where they differ. */
const isSame = (left: string, right: string): boolean => {
  const [these, those] = [Buffer.from(left), Buffer.from(right)];
  return these.length === those.length && timingSafeEqual(these, those);
};

/**
 * Cursors of one list. Layout: MAC (43 characters), version (1), digest of the binding (22), position in JSON; all but
 * the version in base64url. The MAC is of the rest as it is spelled: decoding would let other spellings pass, which
 * differ in the spare bits of a last character. The key is derived from secret and list, so that lists cannot take each
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
  // The MAC keeps a digest from being exchanged; its salt, from being looked up for what it was made of.
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
