import type { TaskProtection } from '../simulation/memory/protections.ts';
import type { RecordProtection } from '../simulation/memory/redis-protections.ts';
import { type Mutation, noMutation } from '../simulation/mutation.ts';
import type { Step } from '../simulation/steps.ts';
import type { Invariant } from '../simulation/witness/invariants.ts';
import { noQuietCheck, publishBeforeRow, workBeforeClaim } from './ports.ts';

/** A piece of the product's text, and what stands there without the protection. */
export interface Cut {
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

export interface Mutant {
  readonly name: string;
  /** What is off, in words. */
  readonly off: string;
  /** Off in the ports of the simulation; any of these invariants must be seen broken. */
  readonly simulated: {
    readonly mutation: Mutation;
    readonly breaks: readonly Invariant[];
    /** The step whose schedules are tried first. */
    readonly focus?: Step;
  };
  /** Off in a patched copy of the product, and where that must be seen. */
  readonly real: {
    readonly cuts: readonly Cut[];
    /** `simulation`: the schedules over the copy; else the conformance suite over the copy on the real server, and the invariant in its title. */
    readonly seenBy: 'simulation' | 'redis' | 'supabase';
    /** What a failing test's title must hold. */
    readonly title?: string;
  };
}

const lua = (script: string, find: string, replace: string): Cut => ({
  file: `services/runtime/src/redis/scripts/${script}.lua`,
  find,
  replace,
});
const sql = (migration: string, find: string, replace: string): Cut => ({
  file: `supabase/migrations/${migration}.sql`,
  find,
  replace,
});
const records = (...off: RecordProtection[]): Mutation => ({ ...noMutation, records: new Set(off) });
const tasks = (...off: TaskProtection[]): Mutation => ({ ...noMutation, tasks: new Set(off) });

const sync = '20261123000400_sync';
const guards = '20261123000300_guards';

/** Every protection of the protocol, each off alone. The list is whole: whoever adds a protection adds its mutant. */
export const mutants: readonly Mutant[] = [];
export { lua, sql, records, tasks, sync, guards, noQuietCheck, publishBeforeRow, workBeforeClaim };
