import { runCommand, withCommandsOf } from './child.ts';
import { ROOT } from './workspace.ts';

// Every test, with storms and kills at the size that the READMEs state: for nights.
const env = withCommandsOf(ROOT, { ...process.env, FULL_PROOF: '1' });
process.exitCode = await runCommand('vitest', ['run'], { env });
