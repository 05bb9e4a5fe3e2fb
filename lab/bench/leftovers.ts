import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const undos: (() => unknown)[] = [];

/**
 * Runs `undo` when the benchmark has finished, failed or been interrupted, in reverse order of the calls. The returned
 * function runs it at once.
 */
export const atEnd = <Result>(undo: () => Result): (() => Result) => {
  undos.push(undo);
  return () => {
    const index = undos.indexOf(undo);
    if (index >= 0) undos.splice(index, 1);
    return undo();
  };
};

export const undoAll = async (): Promise<void> => {
  for (let undo = undos.pop(); undo !== undefined; undo = undos.pop()) await undo();
};

/** A folder that is removed at the end. */
export const temporaryFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'lab-bench-'));
  atEnd(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
};
