import { databaseSettings, describeSettings, loadSettings } from '@lab/shared/config';
import { expect, test } from 'vitest';
import { z } from 'zod';

const schema = z.object(databaseSettings({ file: 'data/lab.db' }));

test.each([
  ['postgres://lab:hunter2@db.test/lab', 'postgres://lab:[redacted]@db.test/lab'],
  ['postgres://lab:hunter2@x@db.test/lab', 'postgres://lab:[redacted]@db.test/lab'],
  ['postgres://:hunter2@db.test/lab', 'postgres://:[redacted]@db.test/lab'],
  ['postgres://db.test/lab?user=a&password=hunter2', 'postgres://db.test/lab?user=a&password=[redacted]'],
  ['postgres://db.test:5432/lab', 'postgres://db.test:5432/lab'],
  ['sqlite:data/lab.db', 'sqlite:data/lab.db'],
])('%s loses its password', (DATABASE_URL, shown) => {
  expect(describeSettings(schema, loadSettings(schema, { env: { DATABASE_URL } })).DATABASE_URL?.value).toBe(
    shown,
  );
});
