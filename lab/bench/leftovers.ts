import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const undos: (() => unknown)[] = [];

/**
 * Has this done when the benchmark is over, has failed or is interrupted; what came last is undone first. The
 * function returned does it at once.
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

/** A folder that is removed in the end. */
export const temporaryFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'lab-bench-'));
  atEnd(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
};
