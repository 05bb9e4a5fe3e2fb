import { createServer } from 'node:http';

/** The baseline of a hit: sends the bytes of `ANSWER`, and does nothing else. */
const bytes = Buffer.from(process.env.ANSWER ?? '');

const server = createServer((_req, res) => {
  res.setHeader('Content-Type', 'application/json; charset=utf-8');
  res.setHeader('Content-Length', bytes.byteLength);
  res.end(bytes);
});

server.listen(Number(process.env.PORT), '127.0.0.1');
