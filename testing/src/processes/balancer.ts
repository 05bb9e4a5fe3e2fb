import { once } from 'node:events';
import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { onTestFinished } from 'vitest';

/** A load balancer that sends each request to a server process whose readiness is 200. */
export interface Balancer {
  readonly url: string;
  /** Resolves when the server is ready for the first time. */
  readonly add: (serverUrl: string) => Promise<void>;
  readonly remove: (serverUrl: string) => void;
}

interface Backend {
  readonly url: string;
  readonly agent: Agent;
  isReady: boolean;
}

const pollMs = 100;

const asksReady = async (url: string): Promise<boolean> =>
  fetch(`${url}/health`, { headers: { Connection: 'close' } }).then(
    async (answer) => {
      await answer.arrayBuffer();
      return answer.ok;
    },
    () => false,
  );

/** Forwards a request once. If that fails, answers 502, like a balancer that does not retry. */
const forward = (backend: Backend, req: IncomingMessage, res: ServerResponse): void => {
  const { method = 'GET', headers, url = '/' } = req;
  // Headers of one connection are not forwarded (RFC 9110, section 7.6.1).
  const { connection: _connection, ...passed } = headers;
  const options = { agent: backend.agent, method, headers: passed };
  const passedOn = request(`${backend.url}${url}`, options, (answer) => {
    const { connection: _closed, 'keep-alive': _kept, ...rest } = answer.headers;
    res.writeHead(answer.statusCode ?? 502, rest);
    answer.pipe(res);
    answer.on('error', () => res.destroy());
  });
  passedOn.on('error', (error) => {
    if (res.headersSent) res.destroy();
    else res.writeHead(502).end(String(error));
  });
  req.pipe(passedOn);
};

/** Runs a balancer without backends until the test ends. It checks the readiness of each backend every 100 ms. */
export const openBalancer = async (): Promise<Balancer> => {
  const backends = new Map<string, Backend>();
  let turn = 0;
  const server = createServer((req, res) => {
    const ready = [...backends.values()].filter(({ isReady }) => isReady);
    const backend = ready[turn++ % ready.length];
    if (backend) forward(backend, req, res);
    else res.writeHead(503).end('no backend is ready');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');

  const pollAll = async (): Promise<void> => {
    for (const backend of backends.values()) void asksReady(backend.url).then((is) => (backend.isReady = is));
  };
  const poll = setInterval(pollAll, pollMs);
  onTestFinished(() => {
    clearInterval(poll);
    for (const { agent } of backends.values()) agent.destroy();
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new TypeError('a TCP server has a port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    add: async (url) => {
      const isReady = await asksReady(url);
      if (!isReady) throw new Error(`${url} is not ready`);
      backends.set(url, { url, agent: new Agent({ keepAlive: true }), isReady });
    },
    remove: (url) => {
      backends.get(url)?.agent.destroy();
      backends.delete(url);
    },
  };
};
