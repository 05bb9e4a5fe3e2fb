import type { Story } from '@lab/testing/story';
import { countTorn } from './torn-requests.ts';
import { BROKEN, flickers, guineaPigs, journey, losses, started, USERS } from './ways.ts';

const REQUESTS = 200;

const users = USERS.toLocaleString('en-US');

export const breakNaive = async (): Promise<Story> => ({
  victim: { given: 'one user, who asks three times at each stage of a rollout', ...journey() },
  counts: [
    { what: `users of ${users} who see a 10% feature come or go when they reload`, ...flickers() },
    { what: `users of ${users} who lose a feature when it grows from 10% to 20%`, ...losses() },
    { what: `users of ${users} who are in all of five experiments of 10%`, ...guineaPigs() },
    { what: `requests of ${REQUESTS} in which a flag changes halfway`, ...(await countTorn(REQUESTS)) },
    { what: `servers of ${BROKEN} that start with wrong or unsafe settings`, ...started() },
  ],
});
