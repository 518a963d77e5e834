#!/usr/bin/env node
// Exits with 0 if FILE is a HAR 1.2 archive by har-validator's schema, else
// with 1 and what is wrong with it.
//
// Usage: NODE_FOLDER=target/applications/node har.mjs FILE
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';


const require = createRequire(resolve(process.env.NODE_FOLDER, 'package.json'));
const validate = require('har-validator');

const file = process.argv[2];
if (!file) {
  console.error('usage: har.mjs FILE');
  process.exit(2);
}
try {
  const archive = JSON.parse(readFileSync(file, 'utf8'));
  await validate.har(archive);
  if (archive.log.version !== '1.2') throw new Error(`version is "${archive.log.version}", not "1.2"`);
  console.log(`${file}: a valid HAR 1.2 archive of ${archive.log.entries.length} entries`);
} catch (error) {
  const errors = error.errors?.map((e) => `${e.dataPath || '(top)'} ${e.message}`) ?? [error.message];
  for (const line of errors) console.error(`${file}: ${line}`);
  process.exit(1);
}
