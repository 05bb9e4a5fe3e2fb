import { createServer } from 'node:http';

/**
 * The floor: parses the request's JSON, serialises an answer, and does nothing else. `ANSWER` is the JSON of what
 * it answers, so that both servers of a comparison serialise the same value.
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
