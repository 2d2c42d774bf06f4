import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { type Identity, identify, isRunning } from './state.ts';

/** One process at a time holds it, until it ends; a dead one's counts for nothing. Throws with the holder's pid. */
export function takeLock(file: string): void {
  const own = `${file}.${process.pid}`;
  writeFileSync(own, JSON.stringify(identify(process.pid)));
  try {
    while (!isLinked(own, file)) removeDead(file, `${own}.dead`);
  } finally {
    rmSync(own);
  }
  process.once('exit', () => rmSync(file, { force: true }));
}

/** A link comes whole or not at all. */
function isLinked(own: string, file: string): boolean {
  return !fails('EEXIST', () => linkSync(own, file));
}

function removeDead(file: string, aside: string): void {
  let seen = '';
  if (fails('ENOENT', () => (seen = readFileSync(file, 'utf8')))) return;
  const holder: Identity = JSON.parse(seen);
  if (isRunning(holder)) {
    throw new Error(
      `another make up or make down is at work here, as process ${holder.pid}; wait until it ends`,
    );
  }
  if (fails('ENOENT', () => renameSync(file, aside))) return;
  // Meanwhile another may have taken it: then it goes back.
  if (readFileSync(aside, 'utf8') !== seen) fails('EEXIST', () => linkSync(aside, file));
  rmSync(aside);
}

function fails(code: string, action: () => void): boolean {
  try {
    action();
    return false;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === code) return true;
    throw error;
  }
}
