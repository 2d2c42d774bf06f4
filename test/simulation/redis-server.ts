import type { RecordCommands } from '@tickwork/runtime/redis/scripts';
import { isFinal, isStatus } from '@tickwork/task/status';
import type { MemoryRedis } from './memory/redis.ts';
import type { Network, Server } from './network.ts';
import type { Process } from './process.ts';
import type { Step } from './steps.ts';
import type { Command, Hash } from './witness/command.ts';
import type { Witness } from './witness/witness.ts';

const stepOf: Readonly<Record<Exclude<keyof RecordCommands, 'taskUpdate' | 'on'>, Step>> = {
  taskSeed: 'seed',
  taskScheduleDispatch: 'schedule_dispatch',
  taskClaim: 'claim',
  taskResume: 'resume',
  taskHandBack: 'hand_back',
  taskConfirm: 'confirm',
  taskSettle: 'settle',
  taskRebase: 'rebase',
  taskFail: 'fail',
  taskRelease: 'release',
  taskReopen: 'reopen',
  taskScanStep: 'scan',
  taskHinted: 'hinted',
  hmget: 'read_record',
};

export interface RedisConnection {
  readonly process: Process;
  readonly network: Network;
  readonly server: Server;
  readonly redis: MemoryRedis;
  readonly witness: Pick<Witness, 'command' | 'answeredCommand' | 'knownCheckpoint'>;
}

/** A client of the memory server, as one process has it: every command is a step of the network. */
export function connectToRedis(connection: RedisConnection): RecordCommands {
  const { process, network, server, redis, witness } = connection;

  function hashOf(key: string): Hash | null {
    const fields = redis.records().get(key);
    return fields ? Object.fromEntries(fields) : null;
  }

  function carryOut<Answer>(step: Step, args: readonly (string | number)[], run: () => Promise<Answer>) {
    const [token = '', ...rest] = args.slice(5).map(String);
    const knew = witness.knownCheckpoint(token);
    let command: Command | null = null;
    const answered = network.call({ process, server, step }, async () => {
      const key = String(args[0]);
      const isWalk = step === 'scan' || step === 'hinted';
      redis.expireDue();
      const before = isWalk ? null : hashOf(key);
      const answer = await run();
      if (!isWalk) {
        const id = step === 'read_record' ? (before?.['id'] ?? '') : String(args[4]);
        const after = hashOf(key);
        command = { step, process, id, token, seenDueAt: token, rest, knew, before, after, answer };
        witness.command(command);
      }
      return answer;
    });
    return answered.then((answer) => {
      if (command) witness.answeredCommand(command);
      return answer;
    });
  }

  const commands = Object.entries(stepOf).map(([name, step]) => {
    const command = redis.commands[name as keyof typeof stepOf] as (
      ...args: (string | number)[]
    ) => Promise<unknown>;
    return [name, (...args: (string | number)[]) => carryOut(step, args, () => command(...args))];
  });
  const update: RecordCommands['taskUpdate'] = (...args) =>
    carryOut(updateStep(String(args[7])), args, () => redis.commands.taskUpdate(...args));
  const others = Object.fromEntries(commands) as Omit<RecordCommands, 'taskUpdate' | 'on'>;
  return { ...others, taskUpdate: update, on: redis.commands.on };
}

function updateStep(status: string): Step {
  if (status === '') return 'heartbeat';
  return isStatus(status) && isFinal(status) ? 'end' : 'report';
}
