import type { Claim } from '@tickwork/task/ports';

interface Held {
  readonly stamp: string;
  readonly dueAt: string;
  /** When the call was sent that was told this, by this process' own clock: milliseconds. */
  readonly askedAtMs: number;
  /** What a put-back writes: all that this worker knows of the record. */
  readonly fields: Readonly<Record<string, string | number>>;
}

/** What Redis last told this process of each claim it has: enough to put a record back that Redis lost. */
export class HeldClaims {
  readonly #held = new Map<string, Held>();

  begin(claim: Claim, told: { stamp: string; dueAt: string; askedAtMs: number; attempts: number }): void {
    const fields = {
      user_id: claim.userId,
      status: 'accepted',
      attempts: told.attempts,
      ...(claim.traceparent === null ? {} : { traceparent: claim.traceparent }),
    };
    this.#held.set(claim.token, { stamp: told.stamp, dueAt: told.dueAt, askedAtMs: told.askedAtMs, fields });
  }

  get(claim: Claim): Held | null {
    return this.#held.get(claim.token) ?? null;
  }

  told(
    claim: Claim,
    told: { stamp: string | null | undefined; dueAt: string | null | undefined; askedAtMs: number },
    fields: Readonly<Record<string, string | number>>,
  ): void {
    const held = this.#held.get(claim.token);
    if (!held) return;
    this.#held.set(claim.token, {
      stamp: told.stamp ?? held.stamp,
      dueAt: told.dueAt ?? held.dueAt,
      askedAtMs: told.askedAtMs,
      fields: { ...held.fields, ...fields },
    });
  }

  end(claim: Claim): void {
    this.#held.delete(claim.token);
  }
}
