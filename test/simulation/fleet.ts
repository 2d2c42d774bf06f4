import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { Chunk, ChunkResult, Finding } from './fleet-worker.ts';
import { merge, newTally, type Tally } from './tally.ts';

export interface FleetOptions {
  readonly seeds: Iterable<number>;
  /** The name of a mutant; else nothing is off. */
  readonly mutant?: string;
  readonly threads?: number;
  /** After so long no more seeds are begun. */
  readonly limitMs?: number;
  /** Whether to go on after this violation. */
  readonly goOn?: (finding: Finding) => boolean;
  readonly onProgress?: (tally: Tally) => void;
}

const seedsPerChunk = 25;

/** Runs schedules on every core until all have run, or one has found what ends it. */
export async function runFleet(options: FleetOptions): Promise<{ tally: Tally; findings: Finding[] }> {
  const { mutant, threads = availableParallelism(), limitMs = Number.POSITIVE_INFINITY } = options;
  const { goOn = () => false, onProgress = () => {} } = options;
  const source = options.seeds[Symbol.iterator]();
  const tally = newTally();
  const findings: Finding[] = [];
  const begun = performance.now();
  let stopped = false;

  function nextChunk(): Chunk | null {
    if (stopped || performance.now() - begun > limitMs) return null;
    const seeds: number[] = [];
    while (seeds.length < seedsPerChunk) {
      const next = source.next();
      if (next.done) break;
      seeds.push(next.value);
    }
    return seeds.length > 0 ? { seeds, ...(mutant ? { mutant } : {}) } : null;
  }

  function take(result: ChunkResult): void {
    merge(tally, result.tally);
    findings.push(...result.findings);
    if (result.findings.some((finding) => !goOn(finding))) stopped = true;
    onProgress(tally);
  }

  async function man(): Promise<void> {
    const worker = new Worker(new URL('./fleet-worker.ts', import.meta.url));
    try {
      for (let chunk = nextChunk(); chunk; chunk = nextChunk()) take(await ask(worker, chunk));
    } finally {
      await worker.terminate();
    }
  }

  await Promise.all(Array.from({ length: threads }, man));
  return { tally, findings };
}

function ask(worker: Worker, chunk: Chunk): Promise<ChunkResult> {
  const { promise, resolve, reject } = Promise.withResolvers<ChunkResult>();
  worker.once('message', resolve);
  worker.once('error', reject);
  worker.postMessage(chunk);
  return promise.finally(() => worker.off('message', resolve).off('error', reject));
}
