import { availableParallelism } from 'node:os';
import { runCommand, withCommandsOf } from './child.ts';
import { closingLines, tallyOf } from './tally.ts';
import { listPackages, ROOT } from './workspace.ts';

// Every step runs, even after one has failed, through the command that a person would type. The tests of a package run
// once, where they prove most: isolated, with only what the package declares. Another slice therefore costs its own
// tests and a few seconds for its installation. Two steps run at once, each with half of the processors: a test waits
// for servers, installations and databases for much of its time.

const AT_ONCE = 2;

const runner = process.env.MAKELEVEL === undefined ? ['pnpm', 'run'] : ['make', '--no-print-directory'];
// The demo, which takes longest, comes first, so that no processor is idle at the end.
const isolated = listPackages().map(({ id }) => ['isolate', `slice=${id}`]);
const isDemo = ([, slice]: readonly string[]) => slice === 'slice=combined-demo';
const steps = [
  ...[['lint'], ['types'], ...isolated.filter(isDemo), ['test', 'slice=lab'], ['openapi']],
  ...isolated.filter((step) => !isDemo(step)),
];
const workers = String(Math.ceil(availableParallelism() / AT_ONCE));

const summary: string[] = [];
const total = { passed: 0, failed: 0 };
let isStopped = false;

/** Runs steps in turn. The output of each is printed as a whole at its end. */
const runSteps = async (queue: Iterable<string[]>): Promise<void> => {
  for (const step of queue) {
    if (isStopped) return;
    const [command = '', ...args] = [...runner, ...step];
    const start = performance.now();
    let output = '';
    const env = withCommandsOf(ROOT, { ...process.env, VITEST_MAX_WORKERS: workers });
    const onOutput = (text: string) => {
      output += text;
    };
    const code = await runCommand(command, args, { env, isSilent: true, onOutput });
    console.log(`\n== ${[command, ...args].join(' ')}\n${output}`);
    const { passed, failed } = tallyOf(output, code);
    const seconds = ((performance.now() - start) / 1000).toFixed(1);
    summary.push(
      [failed ? 'FAIL' : 'ok  ', step.join(' '), `${seconds} s`, ...closingLines(output)].join('  '),
    );
    total.passed += passed;
    total.failed += failed;
    if (code > 128) {
      isStopped = true;
      summary.push('Stopped by a signal. The remaining steps did not run.');
    }
  }
};

const startedAtMs = performance.now();
const queue = steps.values();
await Promise.all(Array.from({ length: AT_ONCE }, () => runSteps(queue)));

const minutes = ((performance.now() - startedAtMs) / 60_000).toFixed(1);
console.log(
  `\n${summary.join('\n')}\n\nIn ${minutes} minutes\n${total.passed} passed, ${total.failed} failed`,
);
process.exitCode = total.failed ? 1 : 0;
