import { rmSync } from 'node:fs';
import { checkAlone, copyAlone } from './alone.ts';
import { chooseSlice } from './choose.ts';
import { listPackages, withDependencies } from './workspace.ts';

const packages = listPackages();
const slice = chooseSlice(packages, 'isolate');
const together = withDependencies(slice, packages);
console.log(
  `${slice.id} alone, with ${
    together.length > 1
      ? together
          .slice(1)
          .map(({ id }) => id)
          .join(', ')
      : 'nothing else'
  }`,
);

const alone = copyAlone(together);
try {
  process.exitCode = await checkAlone(slice.folder, alone);
} finally {
  rmSync(alone, { recursive: true, force: true });
}
