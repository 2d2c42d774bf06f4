import type { Logger } from '@tickwork/runtime/telemetry/logger';

export type TokenState =
  /** In seconds since 1970; null for a token without `exp`. */
  | { readonly kind: 'usable'; readonly expiresAt: number | null }
  | { readonly kind: 'unusable'; readonly reason: string };

export interface Notice {
  readonly kind: 'unusable' | 'endless' | 'run_out' | 'runs_out_soon';
  readonly level: 'warn' | 'error';
  readonly text: string;
}

const dayMs = 86_400_000;
const warnBeforeMs = 14 * dayMs;
const named = 'the token in SUPABASE_RECONCILER_TOKEN_FILE';

/** What an operator has to hear of the token; null when all is well. */
export function noticeOf(state: TokenState, nowMs: number): Notice | null {
  if (state.kind === 'unusable') return { kind: 'unusable', level: 'error', text: state.reason };
  if (state.expiresAt === null)
    return { kind: 'endless', level: 'warn', text: `${named} has no exp: it never runs out` };
  const leftMs = state.expiresAt * 1000 - nowMs;
  const at = new Date(state.expiresAt * 1000).toISOString();
  if (leftMs <= 0) return { kind: 'run_out', level: 'error', text: `${named} ran out at ${at}: replace it` };
  if (leftMs > warnBeforeMs) return null;
  return { kind: 'runs_out_soon', level: 'warn', text: `${named} runs out at ${at}: replace it` };
}

/** Logs what is to be said of the token: at once when that changes, and again each day. */
export function createTokenLog(logger: Logger, now: () => number = Date.now): (state: TokenState) => void {
  let told: { readonly kind: Notice['kind']; readonly at: number } | null = null;
  return (state) => {
    const notice = noticeOf(state, now());
    if (notice && told?.kind === notice.kind && now() - told.at < dayMs) return;
    if (notice) logger[notice.level](notice.text);
    told = notice && { kind: notice.kind, at: now() };
  };
}
