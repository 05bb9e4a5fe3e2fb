/** The Postgres that the tests start, for the lab's own tools. */
export { startPostgres } from '../testing/src/databases/postgres-server.ts';
