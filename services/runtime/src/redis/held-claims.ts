import type { Checkpoint, Claim } from '@tickwork/task/ports';

type Fields = Readonly<Record<string, string | number>>;

interface Held {
  readonly stamp: string;
  readonly dueAt: string;
  /** When the call was sent that was told this, by this process' own clock: milliseconds. */
  readonly askedAtMs: number;
  readonly attempts: number;
  readonly checkpoint: Checkpoint | null;
  /** What a put-back writes, with all of the above: all that this worker knows of the record. */
  readonly fields: Fields;
}

/** What an answer of Redis says; null and none keep what is known. */
interface Told {
  readonly stamp?: string | null | undefined;
  readonly dueAt?: string | null | undefined;
  readonly attempts?: string | null | undefined;
  readonly askedAtMs: number;
}

/** What Redis last told this process of each claim it has: enough to put a record back that Redis lost. */
export class HeldClaims {
  readonly #held = new Map<string, Held>();

  begin(claim: Claim, told: Told, checkpoint: Checkpoint | null): void {
    const fields = {
      user_id: claim.userId,
      status: 'accepted',
      ...(claim.traceparent === null ? {} : { traceparent: claim.traceparent }),
    };
    const nothing = { stamp: '0', dueAt: '0', attempts: 0, askedAtMs: 0, checkpoint, fields };
    this.#held.set(claim.token, learn(nothing, told));
  }

  get(claim: Claim): Held | null {
    return this.#held.get(claim.token) ?? null;
  }

  /** After a write that Redis took: with what it wrote. */
  told(claim: Claim, told: Told, fields: Fields = {}, checkpoint: Checkpoint | null = null): void {
    const held = this.#held.get(claim.token);
    if (!held) return;
    const isTaken = checkpoint !== null && checkpoint.tick >= (held.checkpoint?.tick ?? 0);
    this.#held.set(claim.token, {
      ...learn(held, told),
      checkpoint: isTaken ? checkpoint : held.checkpoint,
      fields: { ...held.fields, ...fields },
    });
  }

  end(claim: Claim): void {
    this.#held.delete(claim.token);
  }
}

function learn(held: Held, { stamp, dueAt, attempts, askedAtMs }: Told): Held {
  return {
    ...held,
    stamp: stamp ?? held.stamp,
    dueAt: dueAt ?? held.dueAt,
    attempts: Number(attempts ?? held.attempts),
    askedAtMs,
  };
}
