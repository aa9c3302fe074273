import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '..');
const sources = ['cli', 'core', 'connectors', 'lib', 'prisma/generated'];

/** @param {string} place @returns {string[]} */
function filesIn(place) {
  const found = [];
  for (const entry of fs.readdirSync(path.join(root, place), { withFileTypes: true })) {
    const inside = `${place}/${entry.name}`;
    if (entry.isDirectory()) found.push(...filesIn(inside));
    else found.push(inside);
  }
  return found;
}

/** @param {string} file */
function stateOf(file) {
  // Whole seconds: the layers of an image keep no more.
  const { size, mtimeMs } = fs.statSync(path.join(root, file));
  return `${file} ${size} ${Math.floor(mtimeMs / 1000)}`;
}

/**
 * The file for the command as plain JavaScript, made from the sources as they are: every other state of them has another
 * name. One level deep, as the command's source is.
 */
export function bundleFile() {
  const states = sources
    .filter((place) => fs.existsSync(path.join(root, place)))
    .flatMap(filesIn)
    .sort()
    .map(stateOf);
  const name = createHash('sha256').update(states.join('\n')).digest('hex').slice(0, 16);
  return path.join(root, '.bundle', `${name}.mjs`);
}
