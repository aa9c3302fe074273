import { z } from 'zod';
import { portText, readEnvironment } from '#demo/read-environment.ts';
import { startSurfaceScout } from '#demo/surfacescout/start.ts';
import { sayReady, tieToStarter } from '#lib/lifeline.ts';

const environment = readEnvironment(
  z.object({
    SURFACESCOUT_PORT: portText,
    SURFACESCOUT_STATE: z.string().min(1),
    SURFACESCOUT_ADMIN_TOKEN: z.string().min(1),
    SURFACESCOUT_WEB_EMAIL: z.string().min(1),
    SURFACESCOUT_WEB_PASSWORD: z.string().min(1),
  }),
);

const running = await startSurfaceScout({
  port: environment.SURFACESCOUT_PORT,
  statePath: environment.SURFACESCOUT_STATE,
  adminToken: environment.SURFACESCOUT_ADMIN_TOKEN,
  webUser: {
    email: environment.SURFACESCOUT_WEB_EMAIL,
    password: environment.SURFACESCOUT_WEB_PASSWORD,
  },
});
tieToStarter(() => running.close());
console.log(`SurfaceScout (sample) is ready at ${running.url}`);
sayReady();
