/** For the `make break` script of a slice: the type of its story, and real servers and databases. */
export { eachRowRead, openReadCounter } from './rows-read.ts';
export { type SliceProcess, startSlice } from './slice-process.ts';
export type { Count, Story, Victim } from './story.ts';
