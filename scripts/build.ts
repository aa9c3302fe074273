import { buildConsole } from '#scripts/launcher/build.ts';
import { bundleCli } from '#scripts/launcher/bundle-cli.ts';

try {
  const built = await buildConsole();
  await bundleCli();
  console.log(built ? 'The console is built.' : 'The console is already built from these sources.');
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
