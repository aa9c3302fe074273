import { z } from 'zod';
import { startConsumer } from '#demo/consumer/start.ts';
import { portText, readEnvironment } from '#demo/read-environment.ts';
import { sayReady, tieToStarter } from '#lib/lifeline.ts';

const environment = readEnvironment(
  z.object({
    CONSUMER_FILE: z.string().min(1),
    CONSUMER_NAME: z.string().min(1),
    CONSUMER_TOKEN_URL: z.url(),
    CONSUMER_API_URL: z.url(),
    CONSUMER_PORT: portText,
    CONSUMER_INTERVAL_MS: z.coerce.number().int().min(10).max(60_000).default(250),
  }),
);

const running = await startConsumer({
  file: environment.CONSUMER_FILE,
  name: environment.CONSUMER_NAME,
  tokenUrl: environment.CONSUMER_TOKEN_URL,
  apiUrl: environment.CONSUMER_API_URL,
  port: environment.CONSUMER_PORT,
  intervalMs: environment.CONSUMER_INTERVAL_MS,
});
tieToStarter(() => running.close());
console.log(`Consumer ${environment.CONSUMER_NAME} is ready at ${running.url}/state`);
sayReady();
