#!/usr/bin/env node
import fs from 'node:fs';
import { bundleFile } from '../lib/bundle-file.mjs';

// Where `npm run build` and `npm start` were not run since the last change, the sources are translated as they are loaded.
const bundle = bundleFile();
if (fs.existsSync(bundle)) {
  await import(bundle);
} else {
  const { register } = await import('tsx/esm/api');
  register();
  await import('./main.ts');
}
