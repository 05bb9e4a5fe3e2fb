import type { Story } from '@lab/testing/story';
import { countForks, countUnrecorded } from './mishaps.ts';
import type { Way } from './notes.ts';
import { herd, loadOnDead, stillWaiting, tellVictim } from './outages.ts';

const both = async <Result>(measure: (way: Way) => Promise<Result>) => ({
  naive: await measure('naive'),
  ours: await measure('ours'),
});

export const breakNaive = async (): Promise<Story> => ({
  victim: { given: 'a call to a service that never answers', ...(await both(tellVictim)) },
  counts: [
    { what: 'clients that wait after a minute, of 100 of such a service', ...(await both(stillWaiting)) },
    { what: 'additional load on a dead service, of 1,000 calls in 100 s', ...(await both(loadOnDead)) },
    { what: 'retries in the busiest 10 ms, where 100 calls fail at once', ...(await both(herd)) },
    { what: 'writes without an entry, after a SIGKILL behind each of 5', ...(await both(countUnrecorded)) },
    { what: 'forks in the chain, when 100 clients write at once', ...(await both(countForks)) },
  ],
});
