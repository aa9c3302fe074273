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
 * Unpacks the Chromium of the npm package into a folder, together with its own libraries. The package unpacks the libraries only
 * where it believes it is on Lambda, and always into the folder for temporary files; so it is told both, for the
 * moment of unpacking.
 */
async function unpackInto(folder: string): Promise<void> {
  fs.mkdirSync(folder, { recursive: true });
  const { TMPDIR, AWS_EXECUTION_ENV, LD_LIBRARY_PATH, FONTCONFIG_PATH, HOME } = process.env;
  Object.assign(process.env, { TMPDIR: folder, AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs22.x' });
  try {
    const { default: chromium } = await import('@sparticuz/chromium');
    await chromium.executablePath();
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

function versionOf(name: string): string {
  const file = path.join(root, 'node_modules', name, 'package.json');
  return (JSON.parse(fs.readFileSync(file, 'utf8')) as { version: string }).version;
}

/**
 * The packaged Chromium. It has its place only once it is whole: what was killed while it unpacked would be taken for a browser
 * ever after, and end with a segmentation fault. Its font list names folders of Lambda, so ours takes its place.
 */
async function packaged(): Promise<Browser> {
  const home = path.join(root, 'node_modules/.cache', `rekey-chromium-${versionOf('@sparticuz/chromium')}`);
  if (!fs.existsSync(home)) {
    const fresh = `${home}-${process.pid}`;
    await unpackInto(fresh);
    fs.writeFileSync(
      path.join(fresh, 'fonts.conf'),
      `<fontconfig><dir>${home}/fonts</dir><dir>/usr/share/fonts</dir><cachedir>${home}/fonts-cache</cachedir></fontconfig>`,
    );
    try {
      fs.renameSync(fresh, home);
    } catch {
      // Another process was first, with the same.
      fs.rmSync(fresh, { recursive: true });
    }
  }
  const env = {
    LD_LIBRARY_PATH: path.join(home, 'al2023/lib'),
    FONTCONFIG_FILE: path.join(home, 'fonts.conf'),
  };
  return { executablePath: path.join(home, 'chromium'), args: [...args, '--no-zygote'], env };
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
    return packaged();
  }
  throw new Error(
    `There is no packaged browser for ${process.platform} on ${process.arch}. Install Chrome or Chromium, or set CHROMIUM_PATH.`,
  );
}
