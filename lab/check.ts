import { runCommand } from './child.ts';
import { closingLines, tallyOf } from './tally.ts';
import { listPackages } from './workspace.ts';

// Every step runs, also after one has failed, through the command that a person would type.

const runner = process.env.MAKELEVEL === undefined ? ['pnpm', 'run'] : ['make', '--no-print-directory'];
const steps = [
  ['lint'],
  ['types'],
  ['test'],
  ['openapi'],
  ...listPackages().map(({ id }) => ['isolate', `slice=${id}`]),
];

const summary: string[] = [];
const total = { passed: 0, failed: 0 };
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
}

console.log(`\n${summary.join('\n')}\n\n${total.passed} passed, ${total.failed} failed`);
process.exitCode = total.failed ? 1 : 0;
