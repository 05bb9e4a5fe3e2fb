import { ratioOf, row, takeTurns } from './compare.ts';
import type { Contestant } from './contestant.ts';
import type { LoadRequest } from './load-order.ts';
import { startServer } from './server-process.ts';

const COUNTS = [1, 5, 25, 50];
const WAYS = { plain: 'app.use(router)', path: "app.use('/area', router)", segment: 'map of first segments' };
const body = { message: 'Two scoops of vanilla, please', tags: ['ice', 'snack'] };

type Way = keyof typeof WAYS;

const contestantOf = async (stack: string, count: number, way: Way): Promise<Contestant> => {
  const env = { ROUTERS: String(count), MOUNTED: way, STACK: stack };
  const server = await startServer('stacks/express-routers.ts', import.meta.dirname, env);
  return { name: `${count} routers`, server, isFull: stack === 'full' };
};

/** The paths to each server's last router have about the same length, and so have the responses. */
const measure = async (stack: string, way: Way): Promise<void> => {
  const method = stack === 'full' ? 'POST' : 'GET';
  const requestOf = (count: number): LoadRequest => ({
    method,
    path: `/area-${count}/1234`,
    ...(stack === 'full' && { body }),
  });
  const contestants = await Promise.all(COUNTS.map((count) => contestantOf(stack, count, way)));
  const turns = await takeTurns(contestants, (contestant) => {
    const index = contestants.indexOf(contestant);
    return requestOf(COUNTS[index] ?? 1);
  });
  const what = stack === 'full' ? 'the complete Express stack' : 'Express alone';
  console.log(`\n${method} of the last of N routers, ${what}, mounted by ${WAYS[way]}`);
  const one = turns[0]?.results ?? [];
  for (const { contestant, results } of turns) {
    const cpu = ratioOf(one, results, 'cpuMicros');
    const ratio = ratioOf(results, one, 'requestsPerSecond');
    console.log(
      `${row(contestant.name, results)}   to one: ${ratio.toFixed(2)} by requests/s, ${cpu.toFixed(2)} by CPU time`,
    );
  }
  for (const { server } of contestants) await server.stop();
};

/** The cost of each router that Express tries before the one that answers. Each has six routes. */
export const benchRouters = async (): Promise<void> => {
  console.log('Mounted routers: one server process on one core, six routes in each router');
  for (const way of ['plain', 'path', 'segment'] as const) await measure('full', way);
  await measure('none', 'plain');
};
