import { createRequire } from 'node:module';
import type { Diagnostics } from 'recheck';
import type { Source } from './sources.ts';
import { patternsOf } from './syntax.ts';

// The faster backends are separate programs, which are not installed.
process.env.RECHECK_SYNC_BACKEND = 'pure';
const { checkSync }: typeof import('recheck') = createRequire(import.meta.url)('recheck');

// No timeouts, so that results repeat: the analysis always ends, and texts to try come from this seed.
const options = { timeout: null, attackTimeout: null, incubationTimeout: null, randomSeed: 4217 };

const faultOf = (diagnostics: Diagnostics): string | undefined => {
  if (diagnostics.status === 'safe') return undefined;
  if (diagnostics.status === 'unknown') return `could not be judged: ${diagnostics.error.kind}`;
  return `takes ${diagnostics.complexity.summary} time, on ${diagnostics.attack.pattern}`;
};

/** Regular expression literals that take more than linear time. */
export const slowPatterns = (sources: Source[]): string[] =>
  sources.flatMap(({ path, text }) =>
    patternsOf(text).flatMap(({ line, source, flags }) => {
      const fault = faultOf(checkSync(source, flags, options));
      return fault ? [`${path}:${line} /${source}/${flags} ${fault}`] : [];
    }),
  );
