import fc from 'fast-check';
import type { RefreshOutcome, Sessions } from '../src/sessions/session.ts';

/** What a walk does to one session. `token` counts from the first one that was handed out. */
export type Step =
  | { readonly do: 'refresh latest' | 'lose the answer' | 'end' }
  | { readonly do: 'replay'; readonly back: number }
  | { readonly do: 'wait'; readonly ms: number };

const steps: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: fc.constant<Step>({ do: 'refresh latest' }) },
  { weight: 2, arbitrary: fc.constant<Step>({ do: 'lose the answer' }) },
  { weight: 4, arbitrary: fc.integer({ min: 1, max: 4 }).map((back): Step => ({ do: 'replay', back })) },
  {
    weight: 3,
    arbitrary: fc
      .constantFrom(1, 5_000, 9_999, 10_000, 10_001, 60_000, 1_800_000, 1_800_000, 1_800_000, 3_600_000)
      .map((ms): Step => ({ do: 'wait', ms })),
  },
  { weight: 1, arbitrary: fc.constant<Step>({ do: 'end' }) },
);

export const walks = fc.array(steps, { minLength: 1, maxLength: 14 });

interface World {
  readonly sessions: Pick<Sessions, 'begin' | 'refresh' | 'end'>;
  readonly owner: number;
  readonly now: () => Date;
  readonly wait: (ms: number) => Promise<void>;
}

/** What must be true, in a few lines: which generation is live, since when, until when. */
const createModel = (startMs: number, { ttlMs, graceMs }: { ttlMs: number; graceMs: number }) => {
  const endsMs = startMs + ttlMs;
  let [generation, rotatedMs, isEnded] = [0, startMs, false];
  return {
    generation: () => generation,
    end: () => {
      isEnded = true;
    },
    refresh: (presented: number, nowMs: number): RefreshOutcome['state'] => {
      if (isEnded || nowMs >= endsMs) return 'invalid';
      if (presented === generation) {
        [generation, rotatedMs] = [generation + 1, nowMs];
        return 'rotated';
      }
      if (presented === generation - 1 && nowMs - rotatedMs <= graceMs) return 'replayed';
      isEnded = true;
      return 'reused';
    },
  };
};

/**
 * Takes a walk with a session and with the model. Resolves with what differed: a false reuse, a revived session, a
 * second successor; undefined if nothing did.
 */
export const walk = async (
  path: readonly Step[],
  { sessions, owner, now, wait }: World,
  options: { readonly ttlMs: number; readonly graceMs: number },
): Promise<string | undefined> => {
  const { session, refreshToken } = await sessions.begin(owner, null);
  const model = createModel(now().getTime(), options);
  /** The token of each generation, as it was first handed out; the holder may not have got it. */
  const tokens = [refreshToken];
  for (const [index, step] of path.entries()) {
    if (step.do === 'wait') await wait(step.ms);
    else if (step.do === 'end') {
      model.end();
      await sessions.end(session.id, 'logged_out');
    } else {
      const back = step.do === 'replay' ? step.back : 0;
      const presented = Math.max(0, model.generation() - back);
      const expected = model.refresh(presented, now().getTime());
      const outcome = await sessions
        .refresh(tokens[presented] ?? '')
        .catch((error: unknown) => ({ state: `${error}` }));
      const at = `step ${index} (${JSON.stringify(step)})`;
      if (outcome.state !== expected) return `${at}: ${outcome.state} instead of ${expected}`;
      if (!('refreshToken' in outcome)) continue;
      const successor = tokens[presented + 1];
      if (successor !== undefined && successor !== outcome.refreshToken) return `${at}: a second successor`;
      tokens[presented + 1] = outcome.refreshToken;
      // The answer is lost, so the client comes back with the token that it has.
      if (step.do === 'lose the answer') {
        const again = await sessions
          .refresh(tokens[presented] ?? '')
          .catch((error: unknown) => ({ state: `${error}` }));
        const wanted = model.refresh(presented, now().getTime());
        if (again.state !== wanted) return `${at}, sent again: ${again.state} instead of ${wanted}`;
        if ('refreshToken' in again && again.refreshToken !== outcome.refreshToken)
          return `${at}: a second successor`;
      }
    }
  }
  return undefined;
};
