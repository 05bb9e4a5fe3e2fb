import type { ListAnswer } from './filled-list.ts';

const LEAST_BYTES = 40;

/** The cursor with each bit of each byte flipped in turn, then shortened, lengthened, doubled and empty. */
const forgeriesOf = function* (cursor: string): Iterable<string> {
  const bytes = Buffer.from(cursor);
  for (let at = 0; at < bytes.length; at += 1) {
    for (const bit of [1, 2, 4, 8, 16, 32, 64]) {
      const forged = Buffer.from(bytes);
      forged.writeUInt8(forged.readUInt8(at) ^ bit, at);
      yield forged.toString('latin1');
    }
  }
  yield* [
    '',
    cursor.slice(1),
    cursor.slice(0, -1),
    `${cursor}A`,
    `${cursor}=`,
    ` ${cursor}`,
    cursor + cursor,
  ];
};

/** All forgeries of a cursor must be refused with `invalid_cursor`; none may fail otherwise or return a page. */
export const refusesForgedCursors = async (
  cursor: string,
  ask: (forged: string) => Promise<ListAnswer>,
): Promise<void> => {
  if (cursor.length < LEAST_BYTES) throw new Error(`the cursor ${cursor} is too short to be signed`);
  for (const forged of forgeriesOf(cursor)) (await ask(forged)).mustBe('400 invalid_cursor');
};
