#!/usr/bin/env node
// Exits with 0 if mermaid can parse the diagram in FILE (or, where FILE is
// Markdown, each of its ```mermaid blocks, of which there must be one), else
// with 1 and what is wrong with it.
//
// Usage: NODE_FOLDER=target/applications/node mermaid.mjs FILE
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';


const node = resolve(process.env.NODE_FOLDER);

const file = process.argv[2];
if (!file) {
  console.error('usage: mermaid.mjs FILE');
  process.exit(2);
}

// Mermaid expects a browser's globals when it is loaded.
const { JSDOM } = createRequire(`${node}/package.json`)('jsdom');
globalThis.window = new JSDOM('').window;
globalThis.document = window.document;
const { default: mermaid } = await import(
  pathToFileURL(`${node}/node_modules/mermaid/dist/mermaid.core.mjs`).href
);

try {
  const text = readFileSync(file, 'utf8');
  const blocks = [...text.matchAll(/^ {0,3}```mermaid[ \t]*\r?\n([^]*?)^ {0,3}```[ \t]*\r?$/gm)].map((m) => m[1]);
  if (!blocks.length && /\.(md|markdown)$/i.test(file)) throw new Error('no ```mermaid block');
  for (const diagram of blocks.length ? blocks : [text]) {
    const { diagramType } = await mermaid.parse(diagram);
    console.log(`${file}: a valid ${diagramType} diagram`);
  }
} catch (error) {
  console.error(`${file}: ${error.message}`);
  process.exit(1);
}
process.exit(0);
