import { createServer } from 'node:http';
import { prepareBare } from './bare-database.ts';

/**
 * The baseline of a page: runs the slice's own `SQL` with the same `PARAMETERS` as a prepared statement, serializes
 * `ANSWER`, which is the same page, and does nothing else. Uses as many connections as the slice.
 */
const { DATABASE_URL = '', SQL = '', PARAMETERS = '[]', ANSWER = '{}', PORT } = process.env;
const statement = prepareBare(DATABASE_URL, SQL, 10);
const parameters: unknown[] = JSON.parse(PARAMETERS);
const answer: unknown = JSON.parse(ANSWER);

const server = createServer(async (_req, res) => {
  const rows = await statement.run(parameters);
  res.statusCode = rows.length > 0 ? 200 : 500;
  const body = JSON.stringify(answer);
  res.setHeader('Content-Type', 'application/json; charset=utf-8');
  res.setHeader('Content-Length', Buffer.byteLength(body));
  res.end(body);
});

server.listen(Number(PORT), '127.0.0.1');
