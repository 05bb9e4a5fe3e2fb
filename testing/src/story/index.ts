/** What `make break` needs of a slice: a story to tell, and real servers and databases to find it out. */
export { eachRowRead, openReadCounter } from './rows-read.ts';
export { type SliceProcess, startSlice } from './slice-process.ts';
export type { Count, Story, Victim } from './story.ts';
