import { ConnectorError } from '#connectors/contract.ts';

type Retry = ConnectorError['retry'];

/** Per error code of the operating system: what it means for the person who chose the path, and whether waiting helps. */
const MEANINGS: Readonly<Record<string, readonly [retry: Retry, sentence: (file: string) => string]>> = {
  EACCES: ['never', noPermission],
  EPERM: ['never', noPermission],
  EROFS: ['never', (file) => `${file} lies on a read-only file system. Mount it writable.`],
  ENOENT: ['never', noFolder],
  ENOTDIR: ['never', noFolder],
  ENAMETOOLONG: ['never', noPath],
  ELOOP: ['never', noPath],
  EISDIR: ['never', noPath],
  EBUSY: [
    'later',
    (file) =>
      `${file} is in use, or is a mount by itself. It will be tried again; if this stays, mount its folder instead of the file.`,
  ],
  ENOSPC: ['later', noSpace],
  EDQUOT: ['later', noSpace],
};

const PERMISSION = new Set(['EACCES', 'EPERM', 'EROFS']);

/** Runs a file operation and throws its failure as a `ConnectorError` that names the file and what to do. */
export async function explained<T>(file: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    throw error instanceof ConnectorError ? error : explainFileError(file, error);
  }
}

/** The sentence for a failed file operation. A code nobody thought of is tried again. */
export function explainFileError(file: string, cause: unknown): ConnectorError {
  const code = fileErrorCode(cause);
  const [retry, sentence] = MEANINGS[code] ?? ['later', unexplained];
  const because = PERMISSION.has(code) ? { because: 'permission' as const } : {};
  return new ConnectorError(`${sentence(file)} (${code})`, retry, { ...because, cause });
}

/** The operating system's code, for example `ENOENT`. */
export function fileErrorCode(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'no code';
}

function noPermission(file: string): string {
  return `Rekey has no permission to write ${file} or its folder. Grant it to the user Rekey runs as.`;
}

function noFolder(file: string): string {
  return `The folder of ${file} does not exist. Create it, or correct the path.`;
}

function noPath(file: string): string {
  return `${file} cannot be the path of a file here. Correct the path.`;
}

function noSpace(file: string): string {
  return `There is no space left to write ${file}. The file is as it was; it will be tried again.`;
}

function unexplained(file: string): string {
  return `${file} could not be read or written. It will be tried again.`;
}
