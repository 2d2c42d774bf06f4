import { readFile, stat } from 'node:fs/promises';

/** Reads a token from a file, again when the file has changed: a mounted Secret is replaced under a running process. */
export function createTokenFile(path: string): () => Promise<string> {
  let token = '';
  let changed = -1;
  return async () => {
    const { mtimeMs } = await stat(path);
    if (mtimeMs !== changed) {
      token = (await readFile(path, 'utf8')).trim();
      changed = mtimeMs;
    }
    return token;
  };
}
