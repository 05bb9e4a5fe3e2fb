import type { RouteContract } from '../route/contract.ts';
import { exampleRequest } from './example.ts';
import { demoTokens } from './security-schemes.ts';

export interface CurlOptions {
  readonly publicUrl: string;
  /** Put the demo tokens into the command. Otherwise it uses shell variables. */
  readonly namesDemoTokens: boolean;
}

/** Quotes a text as one word of a shell command. */
const quote = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

const credentialsOf = ({ caller }: RouteContract, namesDemoTokens: boolean): string[] => {
  if (caller === undefined) return [];
  const [prefix, token, variable] =
    caller === 'operator'
      ? ['X-Admin-Token: ', demoTokens.operator, '$ADMIN_TOKEN']
      : ['Authorization: Bearer ', demoTokens.shopper, '$TOKEN'];
  return [namesDemoTokens ? quote(`${prefix}${token}`) : `"${prefix}${variable}"`];
};

const fromFile = ['--data-binary @FILE'];

const bodyOf = ({ body }: RouteContract, example: unknown): string[] => {
  if (body === undefined) return [];
  if (!('read' in body)) {
    const data = example === undefined ? fromFile : [`-d ${quote(JSON.stringify(example))}`];
    return ["-H 'Content-Type: application/json'", ...data];
  }
  if (body.kind === 'stream') return [];
  if (body.kind === 'multipart') return ['-F file=@FILE'];
  return [`-H ${quote(`Content-Type: ${body.mediaTypes[0]}`)}`, ...fromFile];
};

/** The example request of a contract as a shell command. */
export const curlOf = (contract: RouteContract, { publicUrl, namesDemoTokens }: CurlOptions): string => {
  const { path, query, headers, body } = exampleRequest(contract);
  const search = new URLSearchParams([...query]).toString();
  const method = ['GET', 'ALL'].includes(contract.method) ? '' : `-X ${contract.method} `;
  const parts = [
    `curl ${method}${quote(`${publicUrl}${path}${search && `?${search}`}`)}`,
    ...credentialsOf(contract, namesDemoTokens).map((header) => `-H ${header}`),
    ...headers.map(([name, value]) => `-H ${quote(`${name}: ${value}`)}`),
    ...bodyOf(contract, body),
  ];
  return parts.join(' \\\n  ');
};
