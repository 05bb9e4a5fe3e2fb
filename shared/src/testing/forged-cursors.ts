import { expect } from 'vitest';

/** Flips every bit of every byte in turn: all must be refused as foreign, none may fail or show a page. */
export const checkForgedCursors = async (
  cursor: string,
  answerTo: (forged: string) => Promise<string>,
): Promise<void> => {
  const bytes = Buffer.from(cursor);
  expect(bytes.length).toBeGreaterThan(40);
  const answers = new Map<string, number>();
  for (let at = 0; at < bytes.length; at += 1) {
    for (const bit of [1, 2, 4, 8, 16, 32, 64]) {
      const forged = Buffer.from(bytes);
      forged.writeUInt8(forged.readUInt8(at) ^ bit, at);
      const answer = await answerTo(forged.toString('latin1'));
      answers.set(answer, (answers.get(answer) ?? 0) + 1);
    }
  }
  expect([...answers]).toEqual([['400 invalid_cursor', bytes.length * 7]]);
};
