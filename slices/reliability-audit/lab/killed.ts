/** Writes a note in the way that the arguments name, and kills itself (SIGKILL) as soon as it is committed. */
import { setTimeout as wait } from 'node:timers/promises';
import { openNotes } from './notes.ts';

const [url = '', way = '', id = ''] = process.argv.slice(2);
const { ways } = await openNotes(url, () => process.kill(process.pid, 'SIGKILL'));
await ways[way === 'naive' ? 'naive' : 'ours'](id);
await wait(60_000);
