import { labChecks } from './doctor-checks.ts';
import { examine } from './examine.ts';
import { ROOT, readManifest } from './workspace.ts';

const { packageManager = '', engines } = readManifest(ROOT);
const checks = labChecks(packageManager, engines?.node.replace('>=', '') ?? '');
process.exitCode = (await examine(checks, console.log)) ? 0 : 1;
