import { defineConfig } from 'vitest/config';
import type { Reporter } from 'vitest/node';

const SLOW_FILE_MS = 5000;

/** Names the test files that took long, with their times, behind everything else. */
const slowFiles: Reporter = {
  onTestRunEnd: (modules) => {
    const slow = modules
      .map((module) => ({ file: module.relativeModuleId, ms: module.diagnostic().duration }))
      .filter(({ ms }) => ms > SLOW_FILE_MS)
      .sort((a, b) => b.ms - a.ms);
    for (const { file, ms } of slow) console.log(`  over 5 s  ${(ms / 1000).toFixed(1)} s  ${file}`);
  },
};

export default defineConfig({
  test: {
    include: ['{shared,testing,slices/*,combined-demo,test}/**/*.test.ts'],
    globalSetup: ['testing/src/databases/postgres-setup.ts'],
    // By default one processor is left alone, which of two is half.
    maxWorkers: '100%',
    // Test files of one worker share imported modules, which hold no state. Loading them anew took a fifth of the time.
    isolate: false,
    // A bound on what hangs, not on what is slow on a busy machine.
    testTimeout: 30_000,
    hookTimeout: 30_000,
    expect: { poll: { timeout: 10_000 } },
    reporters: ['default', slowFiles],
  },
});
