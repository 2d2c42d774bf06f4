import type { TObject } from 'typebox';

/** What a tool found, and what a person may read of it as the task goes on. */
interface ToolOutcome {
  /** For the model: data from strangers. */
  readonly text: string;
  readonly note: string;
}

export interface Tool {
  readonly name: string;
  readonly description: string;
  readonly input: TObject;
  /** `input` has been checked. Throws ToolFailure for what the model and the user may read, or the signal's reason. */
  run(input: Readonly<Record<string, unknown>>, signal: AbortSignal): Promise<ToolOutcome>;
}

/** The model gets the reason and may try something else; the user reads `note`, which says what was tried. */
export class ToolFailure extends Error {
  override readonly name = 'ToolFailure';
  readonly note: string;

  constructor(reason: string, note: string) {
    super(reason);
    this.note = note;
  }
}
