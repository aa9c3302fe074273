import { buildConsole } from '#scripts/launcher/build.ts';

try {
  const built = await buildConsole();
  console.log(built ? 'The console is built.' : 'The console is already built from these sources.');
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
