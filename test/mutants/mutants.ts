import type { TaskProtection } from '../simulation/memory/protections.ts';
import type { RecordProtection } from '../simulation/memory/redis-protections.ts';
import { type Mutation, noMutation } from '../simulation/mutation.ts';
import type { Step } from '../simulation/steps.ts';
import type { Invariant } from '../simulation/witness/invariants.ts';
import { countedTokens, noQuietCheck, publishBeforeRow, workBeforeClaim } from './ports.ts';

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
    /** The conformance suite over the copy on the real server, where a test of this invariant must fail; or the schedules over the copy. */
    readonly seenBy: { readonly suite: 'redis' | 'supabase'; readonly title: string } | 'simulation';
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

const worker = (find: string, replace: string): Cut => ({
  file: 'services/worker/src/run-task.ts',
  find,
  replace,
});
const reconcile = (file: string, find: string, replace: string): Cut => ({
  file: `services/gateway/src/reconcile/${file}.ts`,
  find,
  replace,
});
const redis = (title: string) => ({ suite: 'redis', title }) as const;
const supabase = (title: string) => ({ suite: 'supabase', title }) as const;

const sync = '20261123000400_sync';
const guards = '20261123000300_guards';

/** Every protection of the protocol, each off alone. The list is whole: whoever adds a protection adds its mutant. */
export const mutants: readonly Mutant[] = [
  {
    name: 'compare_and_set',
    off: 'an older stamp is taken',
    simulated: { mutation: tasks('compare_and_set'), breaks: ['row_stamp', 'newer_only'] },
    real: {
      cuts: [sql(sync, 'and t.updated_at <= v.updated_at and', 'and')],
      seenBy: supabase('[I2] an older stamp changes nothing'),
    },
  },
  {
    name: 'final_is_final',
    off: 'a sync changes a final row',
    simulated: { mutation: tasks('final_is_final'), breaks: ['final_row'], focus: 'settle' },
    real: {
      cuts: [
        sql(sync, ' and not internal.is_final(t.status)', ''),
        sql(guards, '    if internal.is_final(old.status) then', '    if false then'),
      ],
      seenBy: supabase('[I2] what has ended stays as it is'),
    },
  },
  {
    name: 'final_sticks_in_redis',
    off: 'claims and reports change a record that has ended',
    simulated: {
      mutation: records('final_sticks_in_redis'),
      breaks: ['claimed_once', 'final_kept', 'stops'],
      focus: 'settle',
    },
    real: {
      cuts: [
        lua('update', 'if FINAL[now[1]] then', 'if false then'),
        lua('claim', 'if FINAL[now[2]] then', 'if false then'),
      ],
      seenBy: redis('[I2] is refused for a task that ended'),
    },
  },
  {
    name: 'fencing',
    off: 'a worker writes without its claim',
    simulated: { mutation: records('fencing'), breaks: ['fenced'], focus: 'release' },
    real: {
      cuts: [lua('update', 'if now[3] ~= ARGV[3] or now[5] ~= ARGV[2] then', 'if now[5] ~= ARGV[2] then')],
      seenBy: redis('[I2] of a worker that was taken over changes nothing'),
    },
  },
  {
    name: 'fresh_token',
    off: 'a claim is shown by a counter instead of a token',
    simulated: { mutation: { ...noMutation, tokens: countedTokens }, breaks: ['one_holder'] },
    real: {
      cuts: [
        worker(
          'const { reports, events, clock, shutdown, queue } = dependencies;',
          'const { reports, events, clock, shutdown, queue } = dependencies;\n  let claims = 0;',
        ),
        worker('token: clock.uuid()', 'token: String(++claims)'),
      ],
      seenBy: 'simulation',
    },
  },
  {
    name: 'monotonic_stamp',
    off: "a record's stamp is the clock's alone",
    simulated: { mutation: records('monotonic_stamp'), breaks: ['no_false_sync', 'row_stamp', 'ends'] },
    real: {
      cuts: [lua('prelude', 'us(math.max(clock(), (tonumber(last) or 0) + 1))', 'us(clock())')],
      seenBy: redis('[I7] is stamped past the last one'),
    },
  },
  {
    name: 'monotonic_row_stamp',
    off: "an owner's update is stamped with the clock's time alone",
    simulated: { mutation: tasks('monotonic_row_stamp'), breaks: ['row_stamp'] },
    real: {
      cuts: [
        sql(
          guards,
          "greatest(clock_timestamp(), old.updated_at + interval '1 microsecond')",
          'clock_timestamp()',
        ),
      ],
      seenBy: supabase('[I7] an update is stamped later than the row was'),
    },
  },
  {
    name: 'work_before_claim',
    off: 'the agent starts before its claim was answered',
    simulated: { mutation: { ...noMutation, reports: workBeforeClaim }, breaks: ['work_needs_claim'] },
    real: {
      cuts: [
        worker('const answer = await retrying(', 'const claiming = retrying('),
        worker(
          '    if (answer.claimed) {',
          "    claiming.catch(() => {});\n    const answer = { claimed: true, attempt: 1, checkpoint: null, reason: 'taken' as const };\n    if (answer.claimed) {",
        ),
      ],
      seenBy: 'simulation',
    },
  },
  {
    name: 'claim_needs_record',
    off: 'a claim makes its record',
    simulated: {
      mutation: records('claim_needs_record'),
      breaks: ['not_pushed', 'final_kept', 'claimed_once', 'attempts'],
      focus: 'resume',
    },
    real: {
      cuts: [
        lua(
          'claim',
          'if not now[2] or now[1] ~= ARGV[2] then return { -1 } end',
          "if not now[2] then now = { ARGV[2], 'pending', '', '0', '0', '0' } redis.call('HSET', KEYS[1], 'id', ARGV[2]) end",
        ),
      ],
      seenBy: redis('[I2] never makes a record'),
    },
  },
  {
    name: 'resume_within_claim',
    off: 'a record is put back after the end of the claim',
    simulated: { mutation: records('resume_within_claim'), breaks: ['fenced'], focus: 'resume' },
    real: {
      cuts: [lua('resume', 'if not live(ARGV[5], ARGV[4]) then return { -2 } end', '')],
      seenBy: redis("[I2] a worker whose claim has run out by Redis' clock stops"),
    },
  },
  {
    name: 'resume_by_own_clock',
    off: "a worker that stood still believes Redis' clock alone, which may have been set back",
    simulated: { mutation: { ...noMutation, claimClock: () => 0 }, breaks: ['fenced'], focus: 'resume' },
    real: {
      cuts: [
        {
          file: 'services/runtime/src/redis/redis-task-storage.ts',
          find: 'if (!held || askedAtMs - held.askedAtMs > this.#settings.claimMs) return false;',
          replace: 'if (!held) return false;',
        },
      ],
      seenBy: redis('[I7] a worker whose claim has run out by its own clock stops'),
    },
  },
  {
    name: 'claim_tells_checkpoint',
    off: 'a claim does not tell the checkpoint',
    simulated: { mutation: records('claim_tells_checkpoint'), breaks: ['checkpoint'] },
    real: {
      cuts: [
        lua(
          'claim',
          'return { 1, stamp, due_at, attempts, now[7], now[8], now[9] }',
          'return { 1, stamp, due_at, attempts }',
        ),
      ],
      seenBy: redis('[I2] is told to the next attempt'),
    },
  },
  {
    name: 'checkpoint_put_back',
    off: 'a record is put back without its checkpoint',
    simulated: { mutation: records('checkpoint_put_back'), breaks: ['checkpoint'], focus: 'resume' },
    real: {
      cuts: [lua('resume', 'take_checkpoint(ARGV[7], ARGV[8], ARGV[9], now[7])', '')],
      seenBy: redis('[I6] is put back after FLUSHALL'),
    },
  },
  {
    name: 'attempts_by_progress',
    off: 'any checkpoint makes the attempts count anew',
    simulated: { mutation: records('attempts_by_progress'), breaks: ['attempts', 'ends'] },
    real: {
      cuts: [
        lua(
          'update',
          'if take_checkpoint(ARGV[6], ARGV[7], ARGV[8], now[7]) then',
          "take_checkpoint(ARGV[6], ARGV[7], ARGV[8], now[7])\nif ARGV[6] ~= '' then",
        ),
      ],
      seenBy: redis('[I5] count on when it has no more'),
    },
  },
  {
    name: 'spent_counts',
    off: 'an attempt that failed does not count',
    simulated: { mutation: records('spent_counts'), breaks: ['attempts', 'ends'], focus: 'hand_back' },
    real: {
      cuts: [lua('hand_back', 'spent and attempts or math.max', 'math.max')],
      seenBy: redis('[I5] leaves the task to be tried again'),
    },
  },
  {
    name: 'end_forgets_checkpoint',
    off: 'what has ended keeps its checkpoint',
    simulated: { mutation: records('end_forgets_checkpoint'), breaks: ['left_behind'] },
    real: {
      cuts: [
        lua(
          'prelude',
          "redis.call('HDEL', KEYS[1], 'checkpoint', 'checkpoint_tick', 'checkpoint_ran_ms')",
          '',
        ),
      ],
      seenBy: redis('[I5] goes when the task ends'),
    },
  },
  {
    name: 'due_at',
    off: 'nothing is ever due',
    simulated: { mutation: records('due_at'), breaks: ['ends'] },
    real: {
      cuts: [
        lua(
          'prelude',
          "if not live(due_at, claim == WAITING and longest_wait or hold) then return 'due', status, due_at end",
          '',
        ),
      ],
      seenBy: redis('[I5] due, when the wait is over'),
    },
  },
  {
    name: 'row_before_publish',
    off: 'what is due is published, whatever its row says',
    simulated: {
      mutation: { ...noMutation, reconcilerTasks: publishBeforeRow },
      breaks: ['row_first'],
      focus: 'release',
    },
    real: {
      cuts: [
        reconcile(
          'decide',
          "  if (row === null || checked.kind !== 'none') return checked;",
          '  if (row === null) return checked;',
        ),
      ],
      seenBy: 'simulation',
    },
  },
  {
    name: 'same_stamp_applies',
    off: 'the same stamp again is stale',
    simulated: { mutation: tasks('same_stamp_applies'), breaks: ['sent_once'] },
    real: {
      cuts: [
        sql(sync, 'and t.updated_at <= v.updated_at and', 'and t.updated_at < v.updated_at and'),
        sql(
          sync,
          'when r.updated_at = g.updated_at and r.status = g.status then',
          'when r.updated_at = g.updated_at and r.status = g.status and exists (select from done d where d.id = r.id) then',
        ),
      ],
      seenBy: supabase('[I1] the same stamp again is applied'),
    },
  },
  {
    name: 'confirm_condition',
    off: 'a confirmation counts whatever the record has become',
    simulated: {
      mutation: records('confirm_condition'),
      breaks: ['no_false_sync', 'final_kept'],
      focus: 'confirm',
    },
    real: {
      cuts: [
        lua(
          'confirm',
          'if now[4] ~= ARGV[2] or last < stamp or last == stamp and now[3] ~= ARGV[4] then return -2 end',
          '',
        ),
      ],
      seenBy: redis('[I1] counts only for the stamp'),
    },
  },
  {
    name: 'rebase_condition',
    off: 'a rebase counts whatever the record has become',
    simulated: {
      mutation: records('rebase_condition'),
      breaks: ['sent_once', 'newer_only'],
      focus: 'rebase',
    },
    real: {
      cuts: [lua('rebase', 'if now[1] ~= ARGV[2] or now[2] ~= ARGV[3] then', 'if now[1] ~= ARGV[2] then')],
      seenBy: redis('[I2] is only for the record as it was sent'),
    },
  },
  {
    name: 'release_condition',
    off: 'a release asks neither whether the record is due, nor whether it is the one that was seen',
    simulated: {
      mutation: records('release_condition'),
      breaks: ['due_once', 'fenced', 'not_pushed'],
      focus: 'release',
    },
    real: {
      cuts: [
        lua('release', 'if us(whole(now[5]) or 0) ~= ARGV[3] then return 0 end', ''),
        lua('release', 'if live(now[5], now[3] == WAITING and ARGV[7] or ARGV[4]) then return 0 end', ''),
      ],
      seenBy: redis('[I8] leaves a live claim'),
    },
  },
  {
    name: 'row_id',
    off: 'a sync names its row by the correlation_id alone',
    simulated: { mutation: tasks('row_id'), breaks: ['own_value'] },
    real: {
      cuts: [
        sql(
          sync,
          'from newest v join public.tasks t on t.correlation_id = v.correlation_id and t.id::text = v.id',
          'from newest v join public.tasks t on t.correlation_id = v.correlation_id',
        ),
        sql(
          sync,
          ' where t.correlation_id = v.correlation_id and t.id::text = v.id',
          ' where t.correlation_id = v.correlation_id',
        ),
        sql(
          sync,
          'on g.valid and r.correlation_id = g.correlation_id and r.id = g.id',
          'on g.valid and r.correlation_id = g.correlation_id',
        ),
      ],
      seenBy: supabase('[I4] a row is reached only under both its names'),
    },
  },
  {
    name: 'ownership',
    off: "a user's sync finds the row of any user",
    simulated: { mutation: tasks('ownership'), breaks: ['own_rows'] },
    real: {
      cuts: [
        sql(
          sync,
          'create or replace function internal.apply_updates(updates json) returns jsonb\nlanguage plpgsql security invoker',
          'create or replace function internal.apply_updates(updates json) returns jsonb\nlanguage plpgsql security definer',
        ),
      ],
      seenBy: supabase('[I4] a user’s sync does not reach another’s row'),
    },
  },
  {
    name: 'charge_in_insert',
    off: "an insert's quota is asked and charged in steps of their own",
    simulated: { mutation: tasks('charge_in_insert'), breaks: ['quota'] },
    real: {
      cuts: [
        sql(
          '20261125000100_quota',
          'insert into public.user_daily_usage as u (user_id, usage_date, ticks_used) values (owner, today, cost)\n  on conflict (user_id, usage_date) do update set ticks_used = u.ticks_used + excluded.ticks_used\n  returning u.ticks_used - cost into used;',
          'used := coalesce((select u.ticks_used from public.user_daily_usage u where u.user_id = owner and u.usage_date = today), 0);\n  perform pg_sleep(0.05);\n  insert into public.user_daily_usage as u (user_id, usage_date, ticks_used) values (owner, today, used + cost)\n  on conflict (user_id, usage_date) do update set ticks_used = excluded.ticks_used;',
        ),
      ],
      seenBy: supabase('[quota] 10 inserts at once are exactly 3 tasks'),
    },
  },
  {
    name: 'quiet_check',
    off: 'nobody looks after a quiet worker whose task has ended in Supabase',
    simulated: { mutation: { ...noMutation, taskRecords: noQuietCheck }, breaks: ['stops'], focus: 'settle' },
    real: {
      cuts: [reconcile('passes', "scan('quiet', signal, limits.quietAgeMs)", "scan('quiet', signal)")],
      seenBy: 'simulation',
    },
  },
];
