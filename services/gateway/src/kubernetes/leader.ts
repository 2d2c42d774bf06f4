import { type Clock, withTimeLimit } from '@tickwork/runtime/process/clock';
import {
  decide,
  type ElectionSettings,
  type Lease,
  type Plan,
  type WriteOutcome,
  waitAfter,
} from './election.ts';
import type { LeaderEmitter, StartReason, StopReason } from './events.ts';
import type { LeaseApi } from './lease.ts';

/** One time of leading, which `signal` ends. */
export interface Leadership {
  readonly signal: AbortSignal;
  /** Ask before each piece of work: a process that was stopped wakes up before its timers have told. */
  isLeader(): boolean;
}

export interface LeaderOptions {
  readonly api: LeaseApi;
  readonly settings: ElectionSettings;
  readonly clock: Pick<Clock, 'now' | 'sleep'>;
  readonly events: LeaderEmitter;
  /** The work; must end soon after `leadership.signal` aborts, and must not reject. Two of them never overlap. */
  readonly onStartedLeading: (leadership: Leadership) => Promise<void>;
  /** Ends the election. */
  readonly signal: AbortSignal;
  readonly random?: () => number;
}

/** Looks at the Lease, decides and acts, until `signal`; then the work ends first, and the Lease is released after it. */
export async function runLeaderElection(options: LeaderOptions): Promise<void> {
  const { settings, clock, signal, random = Math.random } = options;
  const elector = new Elector(options);
  while (!signal.aborted) {
    const plan = await elector.look();
    await clock.sleep(waitAfter(plan, clock.now(), settings, random()), signal);
  }
  await elector.resign();
}

type LeaseWrite = (signal: AbortSignal) => Promise<WriteOutcome>;

interface Term {
  readonly end: AbortController;
  readonly signal: AbortSignal;
}

class Elector {
  readonly #options: LeaderOptions;
  #seen: { readonly lease: Lease; readonly since: number } | null = null;
  #term: Term | null = null;
  #leadsUntil: number | null = null;
  /** The work of the last term; while it hasn't ended, no other begins. */
  #work: Promise<void> = Promise.resolve();

  constructor(options: LeaderOptions) {
    this.#options = options;
  }

  async look(): Promise<Plan> {
    const { api, clock, settings } = this.#options;
    if (this.#term === null) await this.#work;
    const read = await this.#limited((signal) => api.read(signal));
    if (read.kind === 'found') this.#see(read.lease);
    if (read.kind === 'failed') this.#failed(read.reason);
    const unchangedSince = this.#seen?.since ?? clock.now();
    const plan = decide({ read, unchangedSince, leadsUntil: this.#leadsUntil }, clock.now(), settings);
    await this.#apply(plan);
    return plan;
  }

  /** Does not fail: a Lease that could not be released runs out. */
  async resign(): Promise<void> {
    const { api, settings } = this.#options;
    this.#stop('shutdown');
    await this.#work;
    const read = await this.#limited((signal) => api.read(signal));
    if (read.kind === 'failed') this.#failed(read.reason);
    if (read.kind !== 'found' || read.lease.holder !== settings.identity) return;
    await this.#write((signal) => api.replace(read.lease, '', settings.durationMs, signal));
  }

  async #apply(plan: Plan): Promise<void> {
    const { api, settings } = this.#options;
    const { identity, durationMs } = settings;
    switch (plan.kind) {
      case 'wait':
        return;
      case 'stand_down':
        return this.#stop(plan.reason);
      case 'create':
        return this.#claim(plan.reason, (signal) => api.create(identity, durationMs, signal));
      case 'renew':
      case 'takeover':
        return this.#claim(plan.reason, (signal) => api.replace(plan.lease, identity, durationMs, signal));
      default:
        return plan satisfies never;
    }
  }

  /** Leadership counts from when the write was sent: its answer may have been long on its way. */
  async #claim(reason: StartReason, call: LeaseWrite): Promise<void> {
    const { clock, settings, signal } = this.#options;
    const until = clock.now() + settings.renewDeadlineMs;
    if (!(await this.#write(call))) return;
    if (this.#term === null) await this.#work;
    if (signal.aborted || clock.now() >= until) return;
    this.#leadsUntil = until;
    if (this.#term === null) this.#start(reason);
  }

  #start(reason: StartReason): void {
    const { events, onStartedLeading, signal } = this.#options;
    const end = new AbortController();
    const term = { end, signal: AbortSignal.any([end.signal, signal]) };
    this.#term = term;
    events.emit('started_leading', { reason });
    this.#work = onStartedLeading({ signal: term.signal, isLeader: () => this.#isLeader(term) });
    void this.#stopInTime(term);
  }

  #isLeader(term: Term): boolean {
    return !term.signal.aborted && this.#options.clock.now() < (this.#leadsUntil ?? 0);
  }

  /** Nothing but the clock is needed to stop: the API may hang. */
  async #stopInTime(term: Term): Promise<void> {
    const { clock } = this.#options;
    while (this.#isLeader(term)) {
      await clock.sleep((this.#leadsUntil ?? 0) - clock.now(), term.signal);
    }
    if (!term.signal.aborted) this.#stop('not_renewed');
  }

  #stop(reason: StopReason): void {
    if (this.#term === null) return;
    this.#term.end.abort(new DOMException('leadership ended', 'AbortError'));
    this.#term = null;
    this.#leadsUntil = null;
    this.#options.events.emit('stopped_leading', { reason });
  }

  async #write(call: LeaseWrite): Promise<boolean> {
    const outcome = await this.#limited(call);
    if (outcome.kind === 'written') this.#see(outcome.lease);
    if (outcome.kind === 'failed') this.#failed(outcome.reason);
    return outcome.kind === 'written';
  }

  #see(lease: Lease): void {
    const { clock, events } = this.#options;
    if (lease.holder !== this.#seen?.lease.holder) events.emit('holder_changed', { holder: lease.holder });
    if (lease.version !== this.#seen?.lease.version) this.#seen = { lease, since: clock.now() };
  }

  #failed(reason: string): void {
    this.#options.events.emit('lease_failed', { reason });
  }

  /** A quarter of the deadline, so that a renewal survives calls that hang. */
  #limited<Outcome>(call: (signal: AbortSignal) => Promise<Outcome>): Promise<Outcome> {
    const { clock, settings } = this.#options;
    return withTimeLimit(clock, settings.renewDeadlineMs / 4, call);
  }
}
