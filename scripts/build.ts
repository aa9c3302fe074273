import { buildConsole } from '#scripts/launcher/build.ts';

const built = await buildConsole();
console.log(built ? 'The console is built.' : 'The console is already built from these sources.');
