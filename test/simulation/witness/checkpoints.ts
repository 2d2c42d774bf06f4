import type { Checkpoint } from '@tickwork/task/ports';
import type { Resume } from '../../../services/worker/src/agents/agent.ts';
import type { Process } from '../process.ts';
import { broughtBy, type Command, checkpointOf, codeOf, type Hash, isEnded, toldBy } from './command.ts';
import type { Invariant, Losses } from './invariants.ts';

export interface CheckpointsContext {
  readonly losses: Pick<Losses, 'failovers'>;
  readonly violate: (invariant: Invariant, text: string) => void;
}

/** Knows which checkpoint each record must have, by what Redis took, and which each claim was told. */
export function watchCheckpoints({ losses, violate }: CheckpointsContext) {
  /** By task: the newest in the present life of its record. */
  const newest = new Map<string, Checkpoint>();
  /** By task: all that Redis ever took. */
  const ever = new Map<string, Set<string>>();
  /** By task: the failovers that are known to it. */
  const failovers = new Map<string, number>();
  /** By token: the last that its worker knows Redis to have. */
  const known = new Map<string, Checkpoint | null>();
  const toldTo = new Map<string, Checkpoint | null>();

  function expect(id: string, found: Checkpoint | null, where: string): void {
    const wanted = newest.get(id) ?? null;
    if (JSON.stringify(found) !== JSON.stringify(wanted))
      violate('checkpoint', `${where}: ${found?.state} instead of ${wanted?.state}`);
  }

  /** A record that is gone has lost its checkpoint; a failover may have brought an older one of the same task back. */
  function lose(id: string, before: Hash | null): void {
    const isKnown = (failovers.get(id) ?? 0) === losses.failovers;
    failovers.set(id, losses.failovers);
    if (before?.['id'] !== id) newest.delete(id);
    if (isKnown || before?.['id'] !== id) return;
    const found = checkpointOf(before);
    newest.delete(id);
    if (!found) return;
    newest.set(id, found);
    if (!ever.get(id)?.has(JSON.stringify(found))) violate('checkpoint', `after a failover: ${found.state}`);
  }

  function take(id: string, checkpoint: Checkpoint | null): void {
    if (!checkpoint || isBehind(checkpoint, newest.get(id))) return;
    newest.set(id, checkpoint);
    ever.set(id, (ever.get(id) ?? new Set()).add(JSON.stringify(checkpoint)));
  }

  return {
    command(command: Command): void {
      const { step, id, token, knew, before, after, answer } = command;
      lose(id, before);
      if (step === 'report' && codeOf(answer) === 1) take(id, broughtBy(command));
      if (step === 'resume' && codeOf(answer) === 1 && before?.['claim'] !== token) {
        take(id, knew);
        expect(id, checkpointOf(after), 'put back');
      }
      if (step === 'claim' && codeOf(answer) === 1) expect(id, toldBy(command), 'claimed');
      if (isEnded(after) && after?.['checkpoint']) violate('left_behind', step);
    },

    /** What its caller has been told. */
    answered(command: Command): void {
      const { step, process, id, token, answer } = command;
      if (codeOf(answer) !== 1) return;
      if (step === 'claim') {
        known.set(token, toldBy(command));
        toldTo.set(`${process.name} ${id}`, toldBy(command));
      }
      const brought = step === 'report' ? broughtBy(command) : null;
      if (brought && !isBehind(brought, known.get(token))) known.set(token, brought);
    },
    known: (token: string): Checkpoint | null => known.get(token) ?? null,

    /** An agent was started with this. */
    resumed(start: { process: Process; id: string; mandate: string; resume: Resume | null }): void {
      const { process, id, mandate, resume } = start;
      const state = resume && JSON.stringify(resume.state);
      if (state && !state.includes(`"${mandate}"`)) violate('own_checkpoint', `${mandate} from ${state}`);
      const told = toldTo.get(`${process.name} ${id}`) ?? null;
      if (state !== (told?.state ?? null) || resume?.tick !== told?.tick)
        violate('checkpoint', `${mandate} from ${state} instead of ${told?.state}`);
    },
  };
}

const isBehind = (one: Checkpoint, other: Checkpoint | null | undefined) => one.tick < (other?.tick ?? 0);
