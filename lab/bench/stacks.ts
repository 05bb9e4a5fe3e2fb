import type { Contestant } from './contestant.ts';
import type { LoadRequest } from './load-order.ts';
import { productionSettings } from './production-settings.ts';
import { type ServerProcess, startServer } from './server-process.ts';

/** Starts the two stacks that the lab is compared with, with their aims. */
export const startStacks = async (
  env: Readonly<Record<string, string>> = {},
): Promise<readonly Contestant[]> => {
  const start = (script: string) =>
    startServer(`stacks/${script}`, import.meta.dirname, { ...productionSettings, ...env });
  return [
    { name: 'Express stack', server: await start('express-stack.ts'), isFull: true, aim: 1.3 },
    { name: 'Fastify stack', server: await start('fastify-stack.ts'), isFull: true, aim: 1 },
  ];
};

/** Starts a bare server that serializes the lab's response to this request. */
export const startBare = async (
  script: string,
  { url }: ServerProcess,
  { method, path, body }: LoadRequest,
  env: Readonly<Record<string, string>> = {},
): Promise<Contestant> => {
  const sent = body === undefined ? {} : { body: JSON.stringify(body) };
  const headers = { 'Content-Type': 'application/json' };
  const response = await fetch(`${url}${path}`, { method, headers, ...sent });
  if (!response.ok) throw new Error(`${method} ${path} answers ${response.status}`);
  const server = await startServer(script, import.meta.dirname, { ...env, ANSWER: await response.text() });
  return { name: 'bare node:http', server, isFull: false };
};
