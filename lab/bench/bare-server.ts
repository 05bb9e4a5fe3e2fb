import { createServer } from 'node:http';

/**
 * The baseline: parses the request's JSON, serializes a response, and does nothing else. `ANSWER` is the JSON of the
 * response, so that both servers of a comparison serialize the same value.
 */
const answer: unknown = JSON.parse(process.env.ANSWER ?? '{}');

const server = createServer((req, res) => {
  const chunks: Buffer[] = [];
  req.on('data', (chunk: Buffer) => chunks.push(chunk));
  req.on('end', () => {
    JSON.parse(Buffer.concat(chunks).toString() || 'null');
    const body = JSON.stringify(answer);
    res.setHeader('Content-Type', 'application/json; charset=utf-8');
    res.setHeader('Content-Length', Buffer.byteLength(body));
    res.end(body);
  });
});

server.listen(Number(process.env.PORT), '127.0.0.1', () => process.stdout.write('listening\n'));
