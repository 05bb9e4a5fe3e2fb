import { Agent, type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';

export interface Answer {
  readonly status: number;
  readonly code: string | undefined;
  readonly isReplay: boolean;
  /** Everything that must be equal in the first answer and a repeat. */
  readonly fixed: string;
}

export interface GiftClient {
  /** Grants a gift whose sku is the key, so that the gifts per key can be counted. Rejects if there is no answer. */
  readonly grant: (url: string, key: string) => Promise<Answer>;
  readonly close: () => void;
}

const codeOf = (body: string): string | undefined => /"code":"(\w+)"/.exec(body)?.[1];

/** A client with its own pool of connections, at most `maxSockets` per server. */
export const createGiftClient = (maxSockets: number): GiftClient => {
  const agent = new Agent({ keepAlive: true, maxSockets });
  return {
    grant: async (url, key) => {
      const body = JSON.stringify({ user_id: '1', sku: key });
      const headers = { 'Content-Type': 'application/json', 'Idempotency-Key': key };
      const response = await new Promise<IncomingMessage>((resolve, reject) => {
        request(`${url}/gift`, { method: 'POST', agent, headers }, resolve).on('error', reject).end(body);
      });
      const received = await text(response);
      const { location, 'content-type': type, 'idempotent-replayed': replayed } = response.headers;
      const status = response.statusCode ?? 0;
      return {
        status,
        code: status === 201 ? undefined : codeOf(received),
        isReplay: replayed === 'true',
        fixed: [status, location, type, received].join('\n'),
      };
    },
    close: () => agent.destroy(),
  };
};
