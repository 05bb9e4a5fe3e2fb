import { expect, it } from 'vitest';
import { parseDatabaseUrl } from '../src/database/database-url.ts';
import { openDatabase } from '../src/database/index.ts';

it('reads the three kinds of database URL', () => {
  expect(parseDatabaseUrl('sqlite:data/carts.db')).toEqual({ engine: 'sqlite', path: 'data/carts.db' });
  expect(parseDatabaseUrl('sqlite::memory:')).toEqual({ engine: 'sqlite', path: ':memory:' });
  const connectionString = 'postgres://lab:secret@db.example:5432/lab';
  expect(parseDatabaseUrl(connectionString)).toEqual({ engine: 'postgres', connectionString });
  expect(parseDatabaseUrl('postgresql://lab@db.example/lab')).toMatchObject({ engine: 'postgres' });
});

it.each([
  'mysql://lab:secret@db.example/lab',
  'postgres://lab:secret@db.example:port/lab',
  'postgres:lab:secret@db.example',
  'secret',
  'sqlite:',
  'sqlite: ',
  '',
])('refuses %j and repeats nothing of it', (url) => {
  const attempt = () => openDatabase(url);
  expect(attempt).toThrow(TypeError);
  expect(attempt).toThrow(/database URL/);
  expect(attempt).not.toThrow(/secret|lab|example/);
});
