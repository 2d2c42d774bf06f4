import { commandWith, readRunbooks } from '../../observability/runbooks.ts';
import { makeHere, runLine } from '../stack/run-line.ts';
import type { Cluster } from './cluster.ts';

/** Commands of the runbooks as an operator runs them, in a folder of his own; Redis, RabbitMQ and the source are elsewhere. */
export function createRunbookCommands({ kubeconfig }: Cluster, namespace: string, folder: string) {
  const runbooks = readRunbooks();
  const tried = new Set<string>();
  const exec = (pod: string, program: string) =>
    `${program}() { kubectl -n ${namespace} exec deploy/${pod} -- ${program} "$@"; }`;
  const functions = [exec('redis', 'redis-cli'), exec('rabbitmq', 'rabbitmqctl'), makeHere].join('\n');
  const env = { KUBECONFIG: kubeconfig, REDIS_URL: 'redis://127.0.0.1:6379' };

  /** What it printed, in this namespace in place of `tickwork`, with what stands for its `…`. */
  function run(line: string, id = ''): Promise<string> {
    tried.add(line);
    return runLine(
      line
        .replace('…', id)
        .replaceAll('-n tickwork', `-n ${namespace}`)
        .replaceAll('serviceaccount:tickwork:', `serviceaccount:${namespace}:`),
      { env, cwd: folder, functions },
    );
  }

  function find(alert: string) {
    const found = runbooks.find((runbook) => runbook.alert === alert);
    if (!found) throw new Error(`there is no runbook ${alert}`);
    return found;
  }

  return {
    run,
    look: (alert: string, words: string) => run(commandWith(words, find(alert).cluster)),
    /** Of "How to mend". */
    mend: (alert: string, words: string, id?: string) => run(commandWith(words, find(alert).mend), id),
    /** Mends that nobody ran yet. What only make does needs no cluster: test/acceptance/runbooks.test.ts tries it. */
    untried: () =>
      runbooks
        .flatMap(({ mend }) => mend)
        .filter(
          (command) => !(/^make /.test(command) && !command.includes('kubectl')) && !tried.has(command),
        ),
  };
}
