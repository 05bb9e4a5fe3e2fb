/**
 * Problem: a cursor comes back from the client, and whoever can write one can ask the database for anything in a
 * position's place, or continue one caller's query as another.
 * Guarantees: a cursor is accepted byte for byte as it was issued or not at all (HMAC-SHA256, RFC 2104, over all of
 * it), by the list that issued it, for the sort, filters and caller it was issued for.
 * Does NOT guarantee: secrecy (a position is readable, so it holds only what the page shows) nor an expiry; a new
 * secret ends all walks.
 */
import { createHmac, createSecretKey, timingSafeEqual } from 'node:crypto';
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
const VERSION = 1;
const MAC_BYTES = 32;
const BINDING_BYTES = 16;

const positionSchema = z.array(z.union([z.string(), z.number(), z.null()]));

const canonical = (binding: Binding): string =>
  JSON.stringify(
    Object.entries(binding)
      .filter(([, value]) => value !== undefined)
      .toSorted(([left], [right]) => (left < right ? -1 : 1)),
  );

/** Decodes the one spelling that encoding gives: the spare bits of a last character, among others, would be free. */
const decode = (cursor: string): Buffer | undefined => {
  const bytes = Buffer.from(cursor, 'base64url');
  return bytes.toString('base64url') === cursor ? bytes : undefined;
};

/**
 * Cursors of one list. Layout in base64url: MAC (32 bytes), version (1), MAC of the binding (16), position in JSON.
 * The key is derived from secret and list, so that lists cannot take each other's cursors.
 */
export const createCursors = ({
  secret,
  list,
}: {
  readonly secret: string;
  /** Unique name of the list: `products`. */
  readonly list: string;
}): Cursors => {
  // As a key object: made of bytes for each MAC, it costs five times the MAC itself.
  const key = createSecretKey(createHmac('sha256', secret).update(`cursor:${list}`).digest());
  const mac = (data: string | Buffer): Buffer => createHmac('sha256', key).update(data).digest();
  const macOf = (binding: Binding): Buffer => mac(canonical(binding)).subarray(0, BINDING_BYTES);

  return {
    seal: (position, binding) => {
      const json = Buffer.from(JSON.stringify(position));
      const signed = Buffer.concat([Buffer.from([VERSION]), macOf(binding), json]);
      return Buffer.concat([mac(signed), signed]).toString('base64url');
    },
    open: (cursor, binding) => {
      const bytes = decode(cursor);
      const signed = bytes?.subarray(MAC_BYTES);
      if (!bytes || !signed || signed.length <= 1 + BINDING_BYTES) throw new ProblemError(invalidCursor);
      const isOurs = timingSafeEqual(bytes.subarray(0, MAC_BYTES), mac(signed)) && signed[0] === VERSION;
      if (!isOurs) throw new ProblemError(invalidCursor);
      const boundTo = signed.subarray(1, 1 + BINDING_BYTES);
      if (!timingSafeEqual(boundTo, macOf(binding))) throw new ProblemError(cursorMismatch);
      return positionSchema.parse(JSON.parse(signed.subarray(1 + BINDING_BYTES).toString()));
    },
  };
};
