import { expect, onTestFinished, test } from 'vitest';
import { choosePorts } from '#scripts/launcher/choose-ports.ts';
import { holdPort } from '#scripts/launcher/ports.ts';

const somewhere = 22_000 + (process.pid % 9000);

async function choose(lastTime: Record<string, number>, setForWeb?: string) {
  const { ports, release } = await choosePorts(lastTime, setForWeb);
  onTestFinished(async () => {
    for (const name of Object.keys(ports) as (keyof typeof ports)[]) await release(name);
  });
  return ports;
}

test('a port of last time that is taken gives way to the next one', async () => {
  const taken = await holdPort(somewhere);
  onTestFinished(taken.release);
  const ports = await choose({ web: taken.port, surfacescout: taken.port });
  expect(ports.web).toBeGreaterThan(taken.port);
  expect(ports.surfacescout).toBeGreaterThan(ports.web);
});

test('a port that is set and taken refuses the start, and names it', async () => {
  const taken = await holdPort(somewhere);
  const set = String(taken.port);
  await expect(choose({}, set)).rejects.toThrow(
    `Something else listens at port ${set} of 127.0.0.1, which PORT asks for. Nothing was started.`,
  );
  await taken.release();
  expect((await choose({ web: 3000 }, set)).web).toBe(taken.port);
});

test.each(['many', '70000', '1.5'])('PORT=%s is refused as no port', async (set) => {
  await expect(choose({}, set)).rejects.toThrow(`PORT is ${set}, and a port is a number from 1 to 65535.`);
});
