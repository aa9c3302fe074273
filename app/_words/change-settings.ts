/** The page that gives an issuer or a target other settings, and so a new sign-in. */
export const changeSettings = {
  open: 'Settings…',
  title: 'Change settings',
  titleOf: (name: string) => `Change the settings of ${name}`,
  settings: 'Settings',
  asStored: 'What is stored is filled in.',
  secretsAnew:
    'What is stored is filled in, but no secret is ever shown: enter each of them again, also one that stays the same. One that is left empty is not kept.',
  none: 'Rekey knows no settings for its kind, so there is nothing to change here.',
  submit: 'Save settings',
};

/** What is kept of an issuer with other settings. */
export const changeIssuerSettings = {
  act: 'change the settings of an issuer',
  staysTheSame:
    'While it has credentials its server stays the same: stored secrets are sent to none that came later. Before anything is saved, Rekey signs in with the settings and tries the current secret of its oldest credential. A server that moved is added as an issuer of its own.',
};

/** What is kept of a target with other settings. */
export const changeTargetSettings = {
  act: 'change the settings of a target',
  staysTheSame:
    'It stays the same target: before anything is saved, Rekey signs in with the settings and sees whether the current secret of its oldest binding is there. Another one is added as a target of its own.',
};
