/** The Postgres of the tests, for the lab's tools. */
export { startPostgres } from '../testing/src/databases/postgres-server.ts';
