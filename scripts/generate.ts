import { generateClient } from '#scripts/launcher/build.ts';

await generateClient();
