import { type HeldPort, holdExactPort, holdPort } from '#scripts/launcher/ports.ts';
import type { SamplePorts } from '#scripts/launcher/sample-world.ts';

export interface Ports extends SamplePorts {
  web: number;
  postgres: number;
}

/** Lets a part have its port. */
type Release = (name: keyof Ports) => Promise<void>;

const wanted: Readonly<Ports> = {
  web: 3000,
  postgres: 54_329,
  surfacescout: 4600,
  receiver: 4610,
  'fleet-api': 4621,
  'survey-importer': 4622,
  'report-builder': 4623,
  'partner-portal': 4624,
};

const names = Object.keys(wanted) as (keyof Ports)[];

/** The port that a variable sets, and no other. */
async function holdSetPort(set: string): Promise<HeldPort> {
  const port = Number(set);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    throw new Error(`PORT is ${set}, and a port is a number from 1 to 65535. Nothing was started.`);
  }
  const held = await holdExactPort(port);
  if (held === null) {
    throw new Error(
      `Something else listens at port ${set} of 127.0.0.1, which PORT asks for. Nothing was started. End what listens there, or set PORT to another one.`,
    );
  }
  return held;
}

/**
 * Finds free ports before anything starts, the ones of last time first, and holds each until its part starts: another Rekey
 * that is started meanwhile finds others. One that is set for web is had, or the start is refused.
 */
export async function choosePorts(
  lastTime: Readonly<Record<string, number>>,
  setForWeb: string | undefined,
): Promise<{ ports: Ports; release: Release }> {
  const ports = { ...wanted };
  const held = new Map<keyof Ports, HeldPort>();
  for (const name of names) {
    const found =
      name === 'web' && setForWeb
        ? await holdSetPort(setForWeb)
        : await holdPort(lastTime[name] ?? wanted[name]);
    ports[name] = found.port;
    held.set(name, found);
  }
  return {
    ports,
    release: async (name) => {
      await held.get(name)?.release();
      held.delete(name);
    },
  };
}
