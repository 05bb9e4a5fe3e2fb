import type { Story } from '@lab/testing/story';
import { openWays, type Way } from './ways.ts';

const SESSIONS = 100;
const TRIES = 20;
const AT_ONCE = 5;

const countWhere = async (times: number, isWrong: () => Promise<boolean>): Promise<number> => {
  let wrong = 0;
  for (let index = 0; index < times; index += 1) if (await isWrong()) wrong += 1;
  return wrong;
};

const refreshAtOnce = async ({ begin, refresh }: Way, times: number): Promise<readonly string[]> => {
  const token = await begin();
  const answers = await Promise.all(Array.from({ length: times }, () => refresh(token)));
  return answers.filter((answer) => answer !== undefined);
};

/** One token is sent five times at once: does the session split into several? */
const forks = (way: Way) =>
  countWhere(SESSIONS, async () => new Set(await refreshAtOnce(way, AT_ONCE)).size > 1);

/** A thief refreshes with a stolen token, and the owner refreshes twice with the same line: is the thief still in? */
const survivors = ({ begin, refresh }: Way) =>
  countWhere(TRIES, async () => {
    const stolen = await begin();
    const second = (await refresh(stolen)) ?? '';
    const third = (await refresh(second)) ?? '';
    await refresh(stolen);
    return (await refresh(third)) !== undefined;
  });

/** The answer is lost, and the client sends its token again: is it logged out? */
const logouts = ({ begin, refresh }: Way) =>
  countWhere(TRIES, async () => {
    const token = await begin();
    await refresh(token);
    return (await refresh(token)) === undefined;
  });

const leaks = ({ begin, isReadable }: Way) => countWhere(TRIES, async () => isReadable(await begin()));

const tellVictim = async (way: Way): Promise<string> => {
  const successors = await refreshAtOnce(way, 2);
  const different = new Set(successors).size;
  return different === 1
    ? 'both tabs get the same new token'
    : `${different} new tokens, each with a line of successors of its own`;
};

export const breakNaive = async (): Promise<Story> => {
  const { naive, ours, close } = await openWays();
  const both = async <Result>(measure: (way: Way) => Promise<Result>) => ({
    naive: await measure(naive),
    ours: await measure(ours),
  });
  try {
    return {
      victim: { given: 'two tabs refresh with the same token at once', ...(await both(tellVictim)) },
      counts: [
        { what: 'sessions that split when a token is sent 5 times at once, of 100', ...(await both(forks)) },
        { what: 'sessions that live on after a stolen token is reused, of 20', ...(await both(survivors)) },
        { what: 'shoppers logged out because an answer was lost, of 20', ...(await both(logouts)) },
        { what: 'refresh tokens that a copy of the table gives away, of 20', ...(await both(leaks)) },
      ],
    };
  } finally {
    await close();
  }
};
