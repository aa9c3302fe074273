import { eitherRole } from '#app/_words/roles.ts';
import type { Role } from '#core/access/actor.ts';
/** The panel that says whether a credential's value may be shown. */
export const revealPanel = {
  title: 'Reveal',
  on: 'On: each version can be shown once, to one person who gives a reason.',
  off: 'Off: no value of this credential is shown to anybody.',
  revealed: '{by} had v{version} shown, {at}. Rotate for a value that nobody has seen.',
  takes: (roles: readonly Role[]) => `Revealing takes the role ${eitherRole(roles)}.`,
} as const;

/** The button that asks to have a value shown. */
export const revealButton = { reveal: (version: number) => `Reveal v${version}…` };

/** The button that lets values be shown, or no longer. */
export const revealSwitch = {
  turnOn: 'Turn revealing on',
  turnOff: 'Turn revealing off',
};

/** The dialog that asks why, and then shows the value. */
export const revealDialog = {
  title: (name: string) => `Reveal: ${name}`,
  about: (name: string, version: number) =>
    `The value of ${name} v${version} comes to this page, masked. A version is shown once, to one person; who asks later is told who had it. Targets get theirs from Rekey without anybody seeing it.`,
  reasonHint: 'Kept in the audit log, with your name.',
  notNow: 'Not now',
  reveal: 'Reveal',
  asking: 'Asking…',
  unanswered:
    'Rekey does not answer, so it is not known whether the value was sent. If it was, this version cannot be shown again.',
  shownOnce: (version: number) =>
    `v${version} is shown this once. Closing drops it from this page, and Rekey does not show it again.`,
  drop: 'Close and drop it',
};

/** A value that is masked until it is asked for. */
export const maskedField = {
  /** What it is of is only read out, with the space before it. */
  show: 'Show{label}',
  hide: 'Hide{label}',
  copy: 'Copy{label}',
  copied: 'Copied. Clear your clipboard once it is where it belongs.',
  notCopied: 'It could not be copied. Show it, and copy it by hand.',
} as const;
