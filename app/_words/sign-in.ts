/** The page where people sign in. */
export const signInPage = {
  title: 'Sign in',
  failed: 'Signing in did not work. Try again.',
  with: (name: string) => `Sign in with ${name}`,
  goOn: 'Go on without it: you are still signed in',
};

/** Why the single sign-on let somebody not in, by the code that comes back in the address. */
export const signInRefusals: Readonly<Record<string, string>> = {
  no_role: 'None of your groups gives you a role here. Ask an admin.',
  no_email: 'The single sign-on tells no verified e-mail of yours. Ask who looks after it.',
  email_taken:
    'Somebody here has your e-mail already, and an e-mail alone does not prove who you are. Sign in as before, or ask an admin to allow you a new identity under Settings, Users.',
  admin_not_limited:
    'Your groups make you an admin, and you are limited here, which an admin cannot be. Ask an admin to take your limits away.',
  not_anew:
    'The single sign-on did not say that you have just signed in there, so nothing was changed. Try again, or ask who looks after it: it has to heed prompt=login and to tell auth_time.',
  user_disabled: 'You are disabled here. Ask an admin.',
};

/** The form of e-mail and password. */
export const signInForm = {
  email: 'E-mail',
  password: 'Password',
  code: 'Code',
  codeHint: 'Of your authenticator, or one of your recovery codes.',
  submit: 'Sign in',
  submitting: 'Signing in…',
};

/** The page that the link of an invitation leads to. */
export const welcomePage = { title: 'Choose a password' };

/** The form of the first password. */
export const choosePassword = {
  password: 'Password',
  passwordHint: 'At least 12 characters.',
  submit: 'Set the password',
  submitting: 'Setting the password…',
  noAnswer:
    'Rekey does not answer, so it is not known whether your password is set. Try to sign in with it; if it is refused, try again here.',
  done: (email: string) => `Your password is set. You sign in as ${email}.`,
  goToSignIn: 'Go to sign in',
};

/** What a session was opened with. */
export const browsers = {
  edge: 'Edge',
  opera: 'Opera',
  firefox: 'Firefox',
  chrome: 'Chrome',
  safari: 'Safari',
  android: 'Android',
  ios: 'iOS',
  windows: 'Windows',
  macos: 'macOS',
  linux: 'Linux',
  unknown: 'Unknown browser',
  browserOn: (browser: string, system: string) => `${browser} on ${system}`,
};
