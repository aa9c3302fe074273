import { loadSettings, saveSettings } from '#scripts/launcher/settings.ts';

/** Where this run's ports begin: apart from those of another run on the same machine, which looks for its own meanwhile. */
export const firstPort = 11_000 + (process.pid % 200) * 100;

/**
 * Writes down ports for a data folder as if it had been started on them before: the launcher takes them where they are free.
 * Without it every stack of a machine reaches for the same ones, and one is found free some time before it is taken.
 */
export function wishPorts(dataDir: string, from: number): void {
  const settings = loadSettings(dataDir);
  const names = [
    'web',
    'postgres',
    'surfacescout',
    'receiver',
    'fleet-api',
    'survey-importer',
    'report-builder',
    'partner-portal',
  ];
  const ports = Object.fromEntries(names.map((name, index) => [name, from + index]));
  saveSettings(dataDir, { ...settings, ports });
}
