import { runCommand, withCommandsOf } from './child.ts';
import { ROOT } from './workspace.ts';

// Every test, with the large numbers of requests and kills that the READMEs state. Meant to run nightly.
const env = withCommandsOf(ROOT, { ...process.env, FULL_PROOF: '1' });
process.exitCode = await runCommand('vitest', ['run'], { env });
