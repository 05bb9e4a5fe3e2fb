/** The Postgres that the tests start, for the lab's own tools. */
export { startPostgres } from '../shared/src/testing/postgres-server.ts';
