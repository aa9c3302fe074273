import { version } from '#package.json';

/** The version of this Rekey, as its package says. Part of the code, so it does not hang on the folder that a command is started in. */
export function productVersion(): string {
  return version;
}
