import { runCommand } from './child.ts';
import { closingLines, tallyOf } from './tally.ts';
import { listPackages } from './workspace.ts';

// Every step runs, even after one has failed, through the command that a person would type. The tests of a package run
// once, where they prove most: isolated, with only what the package declares. Another slice therefore costs its own
// tests and a few seconds for its installation.

const runner = process.env.MAKELEVEL === undefined ? ['pnpm', 'run'] : ['make', '--no-print-directory'];
const steps = [
  ['lint'],
  ['types'],
  ['test', 'slice=lab'],
  ['openapi'],
  ...listPackages().map(({ id }) => ['isolate', `slice=${id}`]),
];

const summary: string[] = [];
const total = { passed: 0, failed: 0 };
const startedAtMs = performance.now();
for (const step of steps) {
  const [command = '', ...args] = [...runner, ...step];
  console.log(`\n== ${[command, ...args].join(' ')}`);
  const start = performance.now();
  let output = '';
  const code = await runCommand(command, args, {
    onOutput: (text) => {
      output += text;
    },
  });
  const { passed, failed } = tallyOf(output, code);
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  summary.push(
    [failed ? 'FAIL' : 'ok  ', step.join(' '), `${seconds} s`, ...closingLines(output)].join('  '),
  );
  total.passed += passed;
  total.failed += failed;
  if (code > 128) {
    summary.push('Stopped by a signal. The remaining steps did not run.');
    break;
  }
}

const minutes = ((performance.now() - startedAtMs) / 60_000).toFixed(1);
console.log(
  `\n${summary.join('\n')}\n\nIn ${minutes} minutes\n${total.passed} passed, ${total.failed} failed`,
);
process.exitCode = total.failed ? 1 : 0;
