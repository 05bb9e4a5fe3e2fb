/** A request before it becomes bytes. Texts are Latin-1: each character is one byte on the wire. */
export interface FuzzRequest {
  /** How it was changed; `valid` if it was not. */
  readonly kind: string;
  readonly method: string;
  readonly target: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body?: Buffer | undefined;
  /** How the end of the body is marked (default: by its length). `own`: the request's own headers say it. */
  readonly framing?: 'chunked' | 'own';
  /** Sends only this many bytes, then ends its side of the connection. */
  readonly cutAt?: number;
  /** The connection cannot be used afterward, whatever the response. */
  readonly isLast?: boolean;
  /** A value in the request that no error may repeat. */
  readonly marker?: string | undefined;
}

const chunksOf = (body: Buffer): Buffer => {
  const middle = Math.ceil(body.length / 2);
  const parts = [body.subarray(0, middle), body.subarray(middle)].filter((part) => part.length > 0);
  const framed = parts.flatMap((part) => [
    Buffer.from(`${part.length.toString(16)}\r\n`),
    part,
    Buffer.from('\r\n'),
  ]);
  return Buffer.concat([...framed, Buffer.from('0\r\n\r\n')]);
};

const framingHeader = ({ body, framing }: FuzzRequest): string => {
  if (framing === 'own') return '';
  if (framing === 'chunked') return 'Transfer-Encoding: chunked\r\n';
  return body ? `Content-Length: ${body.length}\r\n` : '';
};

/** The bytes of the request. */
export const toBytes = (request: FuzzRequest): Buffer => {
  const { method, target, headers, body = Buffer.alloc(0), framing, cutAt } = request;
  const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  const head = `${method} ${target} HTTP/1.1\r\n${lines}${framingHeader(request)}\r\n`;
  const bytes = Buffer.concat([Buffer.from(head, 'latin1'), framing === 'chunked' ? chunksOf(body) : body]);
  return cutAt === undefined ? bytes : bytes.subarray(0, cutAt);
};

/** Bytes as text that `printf` turns back into them. Long runs of one character are shown as a count. */
export const printable = (bytes: Buffer, most = 1200): string => {
  const text = JSON.stringify(bytes.toString('latin1'))
    .slice(1, -1)
    .replaceAll(/[\u007f-\u00ff]/g, (char) => `\\x${char.charCodeAt(0).toString(16)}`)
    .replaceAll(/(.)\1{63,}/g, (run, char: string) => `${char}<${run.length} times>`);
  return text.length > most ? `${text.slice(0, most)}... (${bytes.length} bytes)` : text;
};
